// Where things are unless somebody says otherwise: a file of its own, so that the command line knows them
// without the rest of the configuration.

export const DEFAULT_CONFIG_FILE = '/etc/saker/saker.yaml';
export const DEFAULT_CONTROL_SOCKET = '/run/saker/agent.sock';
