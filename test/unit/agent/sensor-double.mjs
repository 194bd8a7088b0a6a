// A sensor without a kernel: speaks the protocol, and plays the part that `hostname` names.
import { readSync } from 'node:fs';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

const { wakeFd, gauges, alerts, lanes } = workerData;
const gauge = new Int32Array(gauges);
const stats = {
  types: { openat: { seen: 10, filtered: 6, suppressed: 1, sent: 2, lost: 1 } },
  received: 2,
  alerts: { 'Key read': 2 },
  alertsMuted: {},
  alertsSuppressed: {},
  alertsDropped: 0,
  faults: {},
  containers: { open: 0, refused: 0, waiting: 0, waited: 0, late: 0, crowded_out: 0 },
};

function post(message) {
  parentPort.postMessage(message);
}

function alertLines(count) {
  const lines = Object.fromEntries(
    lanes.map(({ key }) => [key, Buffer.from(`${key} line\n`.repeat(count))]),
  );
  Atomics.add(gauge, 0, 100);
  post({ kind: 'alerts', batch: { count, lines, counts: Object.fromEntries(lanes.map(({ key }) => [key, count])), gaugeBytes: 100 } });
}

function answer(message) {
  switch (message.kind) {
    case 'stats':
      post({ kind: 'stats', id: message.id, stats });
      break;
    case 'tap':
      {
        const text = `${message.json ? '{"json":1}' : 'an event'} ${message.rule.conditionText}\n`;
        post({ kind: 'events', id: message.id, text, gaugeBytes: 0, dropped: 3 });
        post({ kind: 'tapped', id: message.id });
        post({ kind: 'events', id: message.id, text, gaugeBytes: 0, dropped: 0 });
      }
      break;
    case 'rules':
      takeRules(message.rules);
      break;
    case 'untap':
      post({ kind: 'log', level: 'info', message: 'untapped', fields: { id: message.id } });
      break;
    case 'stop':
      post({ kind: 'stopped', stats });
      clearInterval(waiting);
      break;
  }
}

let loads = 0;

// The first rules make it watch; of later ones a rule named Refuse is more than the kernel takes.
function takeRules({ rules, warnings }) {
  if (alerts.hostname === 'refuses') return;
  const names = rules.map(({ name }) => name);
  if (names.includes('Refuse')) {
    const failure = { code: 'BPF_LOAD', message: 'the kernel said no', exitStatus: 3 };
    post({ kind: 'refused', failure });
    return;
  }
  loads += 1;
  post({ kind: 'log', level: 'info', message: 'took', fields: { names } });
  if (loads === 1) post({ kind: 'watching', rules: 3, hooks: 5, processes: 7, warnings: ['no BPF LSM'] });
  else post({ kind: 'reloaded', rules: rules.length, hooks: 5, warnings });
}

// As a real sensor: messages are looked for only after the eventfd has been readable.
const waiting = setInterval(() => {
  try {
    readSync(wakeFd, Buffer.alloc(8));
  } catch {
    return; // EAGAIN: nobody woke us
  }
  for (let entry = next(); entry !== undefined; entry = next()) answer(entry.message);
}, 1);

function next() {
  return receiveMessageOnPort(parentPort);
}

switch (alerts.hostname) {
  case 'refuses':
    post({
      kind: 'failed',
      failure: {
        code: 'HOST_UNABLE',
        message: 'this kernel has no BTF',
        hint: 'run saker probe',
        exitStatus: 3,
        diagnostics: ['rules.yaml:1:1: error: something'],
      },
    });
    break;
  case 'crashes':
    throw new Error('a defect');
  case 'vanishes':
    process.exit(0);
    break;
  default:
    alertLines(2);
    if (alerts.hostname === 'loses')
      for (let round = 0n; round < 3n; round++)
        post({ kind: 'loss', types: { openat: 5 }, from_ns: 1_000_000n, to_ns: 2_000_000n + round });
}
