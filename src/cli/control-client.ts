// The client's end of an agent's control socket.
import { createConnection, type Socket } from 'node:net';
import {
  type AgentStats,
  type ControlReply,
  type ControlRequest,
  DROPPED_PREFIX,
} from '../agent/control.js';
import type { Mute } from '../agent/mute.js';
import { SakerError } from '../errors.js';

/** What `streamEvents` hands over. */
export interface EventListener {
  /** Whole lines, each ended by a newline. */
  lines(text: string): void;
  dropped(count: number): void;
  /** Ends the stream. */
  signal?: AbortSignal;
}

/** @throws SakerError CONTROL_SOCKET when no agent answers there. */
export async function askStats(path: string): Promise<AgentStats> {
  const { socket, reply } = await ask(path, { request: 'stats' });
  socket.destroy();
  if (reply.ok && reply.stats !== undefined) return reply.stats;
  throw new SakerError('CONTROL_SOCKET', `the agent at ${path} gave no counters`);
}

/**
 * Mutes a rule for so long, 0: no longer; without a rule only lists.
 *
 * @throws SakerError CONTROL_SOCKET when no agent answers there, USAGE when there is no such rule
 */
export async function askMute(
  path: string,
  rule: string | undefined,
  for_ms: number,
): Promise<readonly Mute[]> {
  const { socket, reply } = await ask(path, { request: 'mute', rule, for_ms });
  socket.destroy();
  if (reply.ok && reply.mutes !== undefined) return reply.mutes;
  throw new SakerError('CONTROL_SOCKET', `the agent at ${path} gave no list`);
}

/**
 * Streams events until the agent ends or `signal` is given.
 *
 * @throws SakerError CONTROL_SOCKET when no agent answers, else with the agent's reason.
 */
export async function streamEvents(
  path: string,
  filter: string,
  json: boolean,
  listener: EventListener,
): Promise<void> {
  const { socket, rest } = await ask(path, { request: 'events', filter, json });
  const end = () => socket.destroy();
  listener.signal?.addEventListener('abort', end, { once: true });
  let text = rest;
  const take = (chunk: string) => {
    text += chunk;
    const whole = text.lastIndexOf('\n') + 1;
    const lines = text.slice(0, whole);
    text = text.slice(whole);
    if (lines !== '') split(lines, listener);
  };
  take('');
  socket.on('data', take);
  await new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    socket.on('close', () => resolve());
  });
  listener.signal?.removeEventListener('abort', end);
}

function split(text: string, listener: EventListener): void {
  if (!text.includes(DROPPED_PREFIX)) {
    listener.lines(text);
    return;
  }
  for (const line of text.split(/(?<=\n)/)) {
    if (line.startsWith(DROPPED_PREFIX)) listener.dropped(Number.parseInt(line.slice(11), 10));
    else listener.lines(line);
  }
}

interface Answer {
  socket: Socket;
  reply: ControlReply;
  /** What came after the first line. */
  rest: string;
}

function ask(path: string, request: ControlRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let text = '';
    const read = (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) return;
      socket.off('data', read);
      socket.on('error', () => socket.destroy()); // the agent ended: `close` follows
      const reply: ControlReply = JSON.parse(text.slice(0, end));
      if (reply.ok) {
        resolve({ socket, reply, rest: text.slice(end + 1) });
      } else {
        socket.destroy();
        reject(new SakerError(reply.code, reply.message, { hint: reply.hint }));
      }
    };
    socket.setEncoding('utf8');
    socket.on('data', read);
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.once('error', (cause) => reject(unreachable(path, cause)));
    socket.once('end', () => reject(unreachable(path, new Error('it closed the connection'))));
  });
}

function unreachable(path: string, cause: Error): SakerError {
  const code = 'code' in cause ? String(cause.code) : '';
  const denied = code === 'EACCES' || code === 'EPERM';
  const dead = code === 'ENOENT' || code === 'ECONNREFUSED';
  return new SakerError(
    'CONTROL_SOCKET',
    dead ? `no agent answers at ${path}` : `cannot ask the agent at ${path}: ${cause.message}`,
    {
      hint: denied
        ? 'run this as the user that the agent runs as, usually root'
        : 'start one with: saker run; or name its socket with --socket PATH',
      cause,
    },
  );
}
