// Keys that Falco's configuration has and that mean nothing here. A file written for Falco works: such
// keys are named once, in one warning, in the place of an error.

/** Whether Falco has a key. Those that mean something here are read before anybody asks. */
export function isFalcoKey(dotted: string): boolean {
  return FALCO_KEYS.has(dotted);
}

/** The warning about keys of Falco; `undefined` when there are none. */
export function falcoWarning(file: string, ignored: readonly string[]): string | undefined {
  if (ignored.length === 0) return undefined;
  const keys = [...new Set(ignored)].join(', ');
  return `${file}: keys of Falco that mean nothing here are ignored: ${keys}`;
}

// Of its versions 0.30 to 0.41, from its reference of the configuration; some are gone in later ones.
const FALCO_KEYS: ReadonlySet<string> = new Set([
  'base_syscalls',
  'buffer_format_base64',
  'buffered_outputs',
  'capture',
  'config_files',
  'container_engines.bpm',
  'container_engines.cri.disable_async',
  'container_engines.libvirt_lxc',
  'container_engines.lxc',
  'engine',
  'falco_libs',
  'grpc',
  'grpc_output',
  'http_output',
  ...[
    'ca_bundle',
    'ca_cert',
    'ca_path',
    'client_cert',
    'client_key',
    'compress_uploads',
    'echo',
    'insecure',
    'keep_alive',
    'max_consecutive_timeouts',
    'mtls',
    'user_agent',
  ].map((key) => `http_output.${key}`),
  'libs_logger',
  'load_plugins',
  'log_syslog',
  'metadata_download',
  'metrics',
  ...[
    'convert_memory_to_mb',
    'include_empty_values',
    'jemalloc_stats_enabled',
    'kernel_event_counters_enabled',
    'kernel_event_counters_per_cpu_enabled',
    'libbpf_stats_enabled',
    'output_file',
    'plugins_metrics_enabled',
    'resource_utilization_enabled',
    'rules_counters_enabled',
    'state_counters_enabled',
  ].map((key) => `metrics.${key}`),
  'modern_bpf',
  'output_timeout',
  'outputs',
  'outputs_queue',
  'plugins',
  'plugins_hostinfo',
  'program_output',
  'program_output.keep_alive',
  'syscall_buf_size_preset',
  'syscall_drop_failed_exit',
  'syscall_event_drops',
  'syscall_event_timeouts',
  'syslog_output',
  'webserver',
  'webserver.threadiness',
]);
