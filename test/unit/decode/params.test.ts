// The parameters of events: the table of their sources is whole.
import { expect, test } from 'vitest';
import { paramsOf } from '../../../src/decode/params.js';
import { EVENTS, eventName, typeNumber } from '../../../src/rules/events.js';

test('every parameter of every event that this host makes has a reader', () => {
  for (const { name, params } of EVENTS) {
    const type = typeNumber(name);
    if (type === undefined || eventName(type) !== name) continue;
    expect(paramsOf(type).map((param) => param.name)).toEqual(params.map((param) => param.name));
    expect(paramsOf(type)).toBe(paramsOf(type));
  }
});
