// What outputs are when the configuration does not speak of them.

const LIMITS = { filter: '', minimum_priority: 'debug' };
const TLS = { ca_cert: '', ca_path: '', client_cert: '', client_key: '', insecure: false };
const HTTP = {
  enabled: false,
  url: '',
  headers: {},
  user_agent: 'saker',
  keep_alive: true,
  compress_uploads: false,
  timeout_ms: 30_000,
  ...TLS,
  ...LIMITS,
};
const BATCH = { batch_alerts: 500, batch_bytes: 4_000_000, linger_ms: 500 };

/** Of `file_output`. */
export const ROTATION_DEFAULTS = { max_bytes: 0, interval_ms: 0, keep: 10, compress: false };

/** By their keys. */
export const OUTPUT_DEFAULTS = {
  http_output: { ...HTTP, format: 'falco', batch: 'none', batch_alerts: 100, hmac_secret: '' },
  elasticsearch_output: {
    ...HTTP,
    ...BATCH,
    data_stream: 'logs-saker.alerts-default',
    format: 'ecs',
    username: '',
    password: '',
    api_key: '',
    create_template: true,
  },
  splunk_output: {
    ...HTTP,
    ...BATCH,
    token: '',
    format: 'falco',
    index: '',
    source: 'saker',
    sourcetype: 'saker:alert',
    acknowledge: true,
    ack_poll_ms: 1000,
    ack_timeout_ms: 120_000,
  },
  syslog_output: {
    enabled: false,
    protocol: 'local',
    address: '/dev/log',
    facility: 'user',
    format: 'text',
    app_name: 'saker',
    max_bytes: 8192,
    timeout_ms: 10_000,
    ...TLS,
    ...LIMITS,
  },
  program_output: { enabled: false, program: '', keep_alive: false, ...LIMITS },
};
