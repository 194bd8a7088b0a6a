// What commands are given: where they write, and their options as commander has them.

/** Where a command writes; tests bring their own. */
export interface Console {
  out(text: string): void;
  err(text: string): void;
}

/** Options of `saker enforce`. */
export interface EnforceFlags {
  clear?: true;
  force?: true;
  config?: string;
  option?: string[];
  json?: true;
}

/** Options of `saker run`. */
export interface RunFlags {
  config?: string;
  rules?: string[];
  option?: string[];
  json?: true;
  skipInvalid?: true;
  socket?: string;
  printConfig?: true;
}

/** Options of `saker record`. */
export interface RecordFlags {
  filter?: string;
  rules?: string[];
  for?: string;
  maxSize: string;
}

/** Options of `saker mute`. */
export interface MuteFlags {
  for: string;
  off?: true;
  json?: true;
  socket: string;
}

/** Options of `saker explain`. */
export interface ExplainFlags extends JsonFlag {
  rules?: string[];
  live?: true;
  socket: string;
}

/** Options of commands that have no others. */
export interface JsonFlag {
  json?: true;
}
