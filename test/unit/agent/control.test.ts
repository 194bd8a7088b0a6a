// What clients of the control socket may do to an agent: nothing that hinders the others.
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askStats } from '../../../src/cli/control-client.js';
import { folder, started, until } from './running.js';

describe('the control socket', () => {
  /** Everything that the agent answers until it ends the connection, or has sent so many lines. */
  async function answers(request: string | Buffer, lines: number): Promise<string[]> {
    const client = createConnection(join(folder, 'agent.sock'));
    let text = '';
    client.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    let ended = false;
    client.on('close', () => {
      ended = true;
    });
    client.on('error', () => {}); // told by close
    client.write(request);
    await until(() => ended || text.split('\n').length > lines);
    client.destroy();
    return text.split('\n').slice(0, -1);
  }

  test('answers garbage with an error and goes on', async () => {
    await started();
    const garbage = Buffer.concat([
      Buffer.from([0, 255, 10, 123, 10]),
      Buffer.from('[]\nnull\n"x"\n'),
    ]);
    for (const line of await answers(garbage, 5))
      expect(JSON.parse(line)).toMatchObject({ ok: false, code: 'USAGE' });
    expect(await askStats(join(folder, 'agent.sock'))).toMatchObject({ received: 2 });
  });

  test('ends a connection that sends a request without an end, after one answer', async () => {
    await started();
    const [answer, ...more] = await answers(Buffer.alloc(1_000_000, 'x'), 100);
    expect(JSON.parse(answer ?? '')).toMatchObject({
      ok: false,
      message: 'the request is too long',
    });
    expect(more).toEqual([]);
  });

  test('streams once on a connection, however often it is asked', async () => {
    await started();
    const request = '{"request":"events","filter":"proc.name=x"}\n';
    const lines = await answers(request.repeat(20), 19);
    const refused = lines.filter((line) => line.includes('this connection streams events already'));
    expect(refused.length).toBe(19);
  });

  test('answers again when a thousand connections have gone', async () => {
    await started();
    const path = join(folder, 'agent.sock');
    const clients = Array.from({ length: 1000 }, () => createConnection(path));
    let closed = 0;
    for (const client of clients) {
      client.on('error', () => {});
      client.on('close', () => {
        closed += 1;
      });
    }
    // Of those beyond the limit the agent lets go by itself.
    await until(() => closed >= 1000 - 16);
    for (const client of clients) client.destroy();
    await until(() => closed === 1000);
    expect(await askStats(path)).toMatchObject({ received: 2 });
  });
});
