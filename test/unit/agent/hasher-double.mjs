// A hashing thread whose file systems do not answer for every path: it hangs, or fails, as told.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ path }) => {
  if (path.startsWith('/hangs')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (path.startsWith('/fails')) throw new Error('a defect');
  parentPort.postMessage(`hash of ${path}`);
});
