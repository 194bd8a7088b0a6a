// A real rsyslog for a test, on ports of its own: UDP, TCP, TLS and a local socket, each message
// written as a line of JSON with what the daemon made of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificates } from '../unit/output/certificates.js';
import { freePorts } from './free-ports.js';

/** One message as rsyslog understood it. */
export interface SyslogLine {
  facility: string;
  severity: string;
  host: string;
  app: string;
  time: string;
  data: string;
  message: string;
}

/** The daemon; `lines` is what it has written so far. */
export class Rsyslog {
  readonly socket: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'saker-rsyslog-'));
  #process: ChildProcess | undefined;
  #runs = 0;

  private constructor(
    readonly udp: number,
    readonly tcp: number,
    readonly tls: number,
    private readonly files: Certificates,
  ) {
    this.socket = join(this.#folder, 'log');
  }

  static async start(files: Certificates): Promise<Rsyslog> {
    const [udp = 0, tcp = 0, tls = 0] = await freePorts(3);
    const daemon = new Rsyslog(udp, tcp, tls, files);
    await daemon.run();
    return daemon;
  }

  async run(): Promise<void> {
    const configuration = join(this.#folder, 'rsyslog.conf');
    this.#runs++;
    writeFileSync(configuration, this.#configuration());
    const child = spawn('rsyslogd', ['-n', '-f', configuration, '-i', join(this.#folder, 'pid')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.stdout.resume();
    while (!existsSync(this.socket) || !(await answers(this.tcp)) || !(await answers(this.tls))) {
      if (child.exitCode !== null) throw new Error(`rsyslogd ended: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** In order; it reads and writes what it has, or with SIGKILL it does not. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
    rmSync(this.socket, { force: true });
    rmSync(join(this.#folder, 'pid'), { force: true });
  }

  async stop(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Each run has a file of its own: one that is killed may leave half of a line behind. */
  get lines(): SyslogLine[] {
    const lines: SyslogLine[] = [];
    for (let run = 1; run <= this.#runs; run++) {
      const file = this.#out(run);
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      for (const line of text.split('\n').slice(0, -1)) lines.push(JSON.parse(line));
    }
    return lines;
  }

  /** Waits until as many have come. */
  async linesOnce(count: number): Promise<SyslogLine[]> {
    while (this.lines.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
    return this.lines;
  }

  #out(run: number): string {
    return join(this.#folder, `out.${run}`);
  }

  #configuration(): string {
    const { files } = this;
    return `
global(workDirectory="${this.#folder}" maxMessageSize="8k"
  defaultNetstreamDriverCAFile="${files.ca}"
  defaultNetstreamDriverCertFile="${files.serverCert}"
  defaultNetstreamDriverKeyFile="${files.serverKey}")
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imptcp")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
input(type="imuxsock" Socket="${this.socket}")
input(type="imudp" port="${this.udp}")
input(type="imptcp" port="${this.tcp}")
input(type="imtcp" port="${this.tls}")
template(name="json" type="list" option.jsonf="on") {
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
if $app-name == "saker" then action(type="omfile" file="${this.#out(this.#runs)}" template="json")
`;
  }
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
