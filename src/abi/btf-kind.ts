// Kinds of BTF types. Format: Documentation/bpf/btf.rst, include/uapi/linux/btf.h.

/** BTF kind numbers, include/uapi/linux/btf.h. */
export const btf_kind = {
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  FWD: 7,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC: 12,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  FLOAT: 16,
  DECL_TAG: 17,
  TYPE_TAG: 18,
  ENUM64: 19,
} as const;

/** Bytes that follow the 12 every type has; `undefined`: there is no such kind. */
export function extraBytes(kind: number, count: number): number | undefined {
  switch (kind) {
    case btf_kind.INT:
    case btf_kind.VAR:
    case btf_kind.DECL_TAG:
      return 4;
    case btf_kind.ARRAY:
      return 12;
    case btf_kind.STRUCT:
    case btf_kind.UNION:
    case btf_kind.DATASEC:
    case btf_kind.ENUM64:
      return 12 * count;
    case btf_kind.ENUM:
    case btf_kind.FUNC_PROTO:
      return 8 * count;
    case btf_kind.PTR:
    case btf_kind.FWD:
    case btf_kind.TYPEDEF:
    case btf_kind.VOLATILE:
    case btf_kind.CONST:
    case btf_kind.RESTRICT:
    case btf_kind.FUNC:
    case btf_kind.FLOAT:
    case btf_kind.TYPE_TAG:
      return 0;
  }
  return undefined;
}
