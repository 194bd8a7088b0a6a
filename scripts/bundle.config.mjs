// One file for each thread, where there were some hundred modules: to find, read and compile them one by one was
// half of what a start waited for. What a command or an output alone needs stays apart, and is read when it is asked for.
// So are packages that threads need before they can begin: pino is 25 files, yaml 70. Others stay where npm puts them:
// native code, and what is read when a rule or an output asks for it.
import { resolve } from 'node:path';

const module = (name) => resolve('build/js', `${name}.js`);

const thread = (name, output = {}) => ({
  input: { [name]: module(name) },
  platform: 'node',
  external: /^(?:koffi|classic-level|json-rules-engine|kafkajs)$/,
  // Where an agent's threads are started early and one after the other alike.
  checks: { ineffectiveDynamicImport: false },
  output: { dir: 'build/dist', chunkFileNames: '[name]-[hash].js', ...output },
});

/** All that is read with a module. */
function readWith(id, modules, found = new Set()) {
  const info = found.has(id) ? null : modules.getModuleInfo(id);
  if (info === null || info.isExternal) return found;
  found.add(id);
  for (const next of info.importedIds) readWith(next, modules, found);
  return found;
}

// What commands share would be thirty files, if what `run` reads were not put together: what tells that a package is
// missing, and needs none; the command line; what starts the other threads; and the rest.
const groups = [
  ['failure', ['cli/failure']],
  ['command-line', ['cli/program']],
  ['threads', ['sensor/early', 'agent/rule-loader-thread']],
  ['agent', ['cli/run']],
].map(([group, names], at, { length }) => ({
  debugName: group,
  priority: length - at,
  name: (id, modules) =>
    names.some((name) => readWith(module(name), modules).has(id)) ? group : null,
}));

export default [
  thread('main', { codeSplitting: { groups } }),
  thread('sensor'),
  thread('rule-loader'),
  thread('hasher'),
];
