// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Nobody but pid 1 and the agent's own cgroup gets at the BPF objects of the agent, or at its pins. */
#include "enforce/self.h"
#include "object.h"

/* include/uapi/linux/bpf.h, enum bpf_cmd */
#define CMD_LINK_UPDATE 29
#define CMD_LINK_GET_FD_BY_ID 30
#define CMD_LINK_DETACH 34

/* Is it one of ours, and somebody else's hand? */
static __always_inline bool is_reached_for(__u32 operation, __u32 id)
{
	struct own_object key = { .operation = operation, .id = id };
	struct guarded *agent = guarded_agent();

	return agent && agent->pid && bpf_map_lookup_elem(&own_objects, &key) && !is_trusted(agent);
}

/*
 * A descriptor of a map: by its number, or from a pin.
 * proto:  int bpf_map(struct bpf_map *map, fmode_t fmode)
 * misses: programs that others load may walk all maps (iter/bpf_map), but not change one
 */
SEC("lsm/bpf_map")
int BPF_PROG(self_map, struct bpf_map *map, fmode_t mode, int ret)
{
	__u32 id = map->id;

	if (ret || !is_reached_for(TAMPER_MAP, id))
		return earlier(ret);
	return refuse(TAMPER_MAP, id);
}

/*
 * A descriptor of a program.
 * proto:  int bpf_prog(struct bpf_prog *prog)
 * misses: nothing
 */
SEC("lsm/bpf_prog")
int BPF_PROG(self_program, struct bpf_prog *program, int ret)
{
	__u32 id = program->aux->id;

	if (ret || !is_reached_for(TAMPER_PROGRAM, id))
		return earlier(ret);
	return refuse(TAMPER_PROGRAM, id);
}

/* The number of the link behind a descriptor of the current process; of what is no link, anything. */
static __always_inline __u32 link_of(int fd)
{
	__u64 file = file_of(current_task(), fd), link;

	if (!file)
		return 0;
	link = (__u64)READ(struct file, file, private_data);
	return link ? READ(struct bpf_link, link, id) : 0;
}

/*
 * A descriptor of a link has no hook of its own: the commands by which one is got or used.
 * proto:  int bpf(int cmd, union bpf_attr *attr, unsigned int size)
 * misses: a second thread that puts another descriptor in the place between this look and the kernel's:
 *         that changes network hooks only, links of other kinds can be neither updated nor detached
 */
SEC("lsm/bpf")
int BPF_PROG(self_command, int command, union bpf_attr *attr, unsigned int size, int ret)
{
	__u32 id;

	if (ret)
		return earlier(ret);
	if (command == CMD_LINK_GET_FD_BY_ID)
		id = attr->link_id;
	else if (command == CMD_LINK_UPDATE)
		id = link_of(attr->link_update.link_fd);
	else if (command == CMD_LINK_DETACH)
		id = link_of(attr->link_detach.link_fd);
	else
		return 0;
	if (!is_reached_for(TAMPER_LINK, id))
		return 0;
	return refuse(TAMPER_LINK, id);
}

/* Is it the folder of the pins, and somebody else's hand? */
static __always_inline bool is_pin_folder(struct inode *trusted)
{
	struct guarded *agent = guarded_agent();
	struct inode *inode = LOOSE(struct inode, trusted);

	return agent && agent->pin_inode && inode->i_ino == agent->pin_inode &&
	       inode->i_sb->s_dev == agent->pin_dev && !is_trusted(agent);
}

static __always_inline __u64 inode_number(struct dentry *trusted)
{
	struct dentry *dentry = LOOSE(struct dentry, trusted);

	return dentry->d_inode ? dentry->d_inode->i_ino : 0;
}

/*
 * A pin is removed.
 * proto:  int inode_unlink(struct inode *dir, struct dentry *dentry)
 * misses: nothing
 */
SEC("lsm/inode_unlink")
int BPF_PROG(self_unpin, struct inode *folder, struct dentry *dentry, int ret)
{
	if (ret || !is_pin_folder(folder))
		return earlier(ret);
	return refuse(TAMPER_PIN, inode_number(dentry));
}

/*
 * A pin is moved away or replaced, or their folder is moved.
 * proto:  int inode_rename(struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir, struct dentry *new_dentry)
 * misses: nothing
 */
SEC("lsm/inode_rename")
int BPF_PROG(self_repin, struct inode *old_folder, struct dentry *old, struct inode *new_folder,
	     struct dentry *new, int ret)
{
	struct inode *moved = old->d_inode;

	if (ret)
		return earlier(ret);
	if (!is_pin_folder(old_folder) && !is_pin_folder(new_folder) &&
	    !(moved && is_pin_folder(moved)))
		return 0;
	return refuse(TAMPER_PIN, inode_number(old));
}

/*
 * A file system goes: with the last mount of a bpf file system go its pins.
 * proto:  int sb_umount(struct vfsmount *mnt, int flags)
 * misses: the end of a mount namespace
 */
SEC("lsm/sb_umount")
int BPF_PROG(self_umount, struct vfsmount *mount, int flags, int ret)
{
	struct guarded *agent = guarded_agent();

	if (ret || !agent || !agent->pin_inode || mount->mnt_sb->s_dev != agent->pin_dev ||
	    is_trusted(agent))
		return earlier(ret);
	return refuse(TAMPER_PIN, agent->pin_inode);
}
