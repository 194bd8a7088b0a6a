// The form of alerts, out of the configuration.
import type { Config } from '../config.js';
import type { AlertOptions } from './alert.js';

/** What the configuration says about the form of alerts; `hostname` is the host that they are about. */
export function alertOptions(config: Config, hostname: string): AlertOptions {
  return {
    hostname,
    iso8601: config.time_format_iso_8601,
    includeOutput: config.json_include_output_property,
    includeMessage: config.json_include_message_property,
    includeTags: config.json_include_tags_property,
    includeOutputFields: config.json_include_output_fields_property,
    mask: { enabled: config.mask_secrets, patterns: config.mask_patterns },
  };
}
