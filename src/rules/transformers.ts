// What transformers take and give: the types of a left or right side that may be a nested call.

import type { Operand, Position, TransformerArg, TransformerCall } from './ast.js';
import type { ValueType } from './events.js';
import { type FieldProblem, type FieldUse, useField } from './fields.js';
import { typeKind } from './values.js';

/** The type of one side of a comparison. */
export interface TypedOperand {
  type: ValueType;
  list: boolean;
  /** The field itself, when the side is nothing but a field or `val(field)`. */
  field?: FieldUse;
}

/** Why an operand cannot be used; points at the field or call inside it that is to blame. */
export interface OperandProblem {
  error: FieldProblem['error'] | 'transformer-type' | 'transformer-args';
  message: string;
  at: Position;
  suggestion?: string;
}

/** Finds the type of a field or call, arguments included. */
export function operandType(operand: Operand): TypedOperand | OperandProblem {
  if (operand.kind === 'transformer') return callType(operand);
  const use = useField(operand.name, operand.argument);
  if ('error' in use) return { ...use, at: operand.at };
  return { type: use.type, list: use.list, field: use };
}

function callType(call: TransformerCall): TypedOperand | OperandProblem {
  if (call.argument !== undefined && call.name !== 'getopt') {
    return refuse('transformer-args', `${call.name}(...) takes no argument in brackets`, call.at);
  }
  switch (call.name) {
    case 'tolower':
    case 'toupper':
    case 'b64':
    case 'basename':
    case 'len':
    case 'val':
      return unaryType(call);
    case 'join':
      return joinType(call);
    case 'concat':
      return concatType(call);
    case 'getopt':
      return getoptType(call);
    default:
      return refuse('transformer-args', `there is no transformer ${call.name}`, call.at);
  }
}

function unaryType(call: TransformerCall): TypedOperand | OperandProblem {
  const [only, ...more] = call.args;
  if (only === undefined || more.length > 0) {
    return refuse('transformer-args', `${call.name} takes one argument`, call.at);
  }
  if (call.name === 'val') {
    if (only.kind === 'field') return operandType(only);
    return refuse('transformer-args', 'val takes one field', call.at);
  }
  const input = argType(only);
  if ('error' in input) return input;
  const kind = typeKind(input.type);
  if (call.name === 'len') {
    if (input.list || kind === 'text' || kind === 'bytes') return { type: 'UINT64', list: false };
  } else if (kind === 'text' || (call.name === 'b64' && kind === 'bytes')) {
    return { type: call.name === 'b64' ? 'CHARBUF' : input.type, list: input.list };
  }
  return refuse('transformer-type', `${call.name} does not work on ${input.type}`, call.at);
}

function joinType(call: TransformerCall): TypedOperand | OperandProblem {
  const [separator, list, ...more] = call.args;
  if (separator === undefined || list === undefined || more.length > 0) {
    return refuse('transformer-args', 'join takes a separator and a list', call.at);
  }
  const first = argType(separator);
  if ('error' in first) return first;
  if (first.list || typeKind(first.type) !== 'text') {
    return refuse('transformer-args', 'the separator of join must be a text', call.at);
  }
  const second = argType(list);
  if ('error' in second) return second;
  if (second.list) return { type: 'CHARBUF', list: false };
  return refuse('transformer-args', 'the second argument of join must be a list', call.at);
}

function concatType(call: TransformerCall): TypedOperand | OperandProblem {
  if (call.args.length < 2) {
    return refuse('transformer-args', 'concat takes two or more texts', call.at);
  }
  for (const arg of call.args) {
    const type = argType(arg);
    if ('error' in type) return type;
    if (type.list || typeKind(type.type) !== 'text') {
      return refuse('transformer-args', 'concat takes texts only', call.at);
    }
  }
  return { type: 'CHARBUF', list: false };
}

function getoptType(call: TransformerCall): TypedOperand | OperandProblem {
  const [list, options, ...more] = call.args;
  if (list === undefined || options === undefined || more.length > 0) {
    return refuse('transformer-args', 'getopt takes a list and an option text', call.at);
  }
  const first = argType(list);
  if ('error' in first) return first;
  if (!first.list || typeKind(first.type) !== 'text') {
    return refuse('transformer-args', 'the first argument of getopt must be a list', call.at);
  }
  const second = argType(options);
  if ('error' in second) return second;
  if (second.list || typeKind(second.type) !== 'text') {
    return refuse('transformer-args', 'the options of getopt must be a text', call.at);
  }
  if (call.argument === undefined) return { type: 'CHARBUF', list: true };
  if (call.argument.length === 1) return { type: 'CHARBUF', list: false };
  return refuse('transformer-args', 'getopt(...)[c] takes one option letter', call.at);
}

// A literal list has the type of a text list whatever stands in it: it is joined or scanned as text.
function argType(arg: TransformerArg): TypedOperand | OperandProblem {
  switch (arg.kind) {
    case 'text':
      return { type: 'CHARBUF', list: false };
    case 'number':
      return { type: 'INT64', list: false };
    case 'list':
      for (const item of arg.items) {
        const type = argType(item);
        if ('error' in type) return type;
        if (type.list) return refuse('transformer-args', 'a list cannot hold a list', item.at);
      }
      return { type: 'CHARBUF', list: true };
    default: {
      const type = operandType(arg);
      if ('error' in type) return type;
      if (arg.kind === 'field' && type.field?.spec.noTransformer === true) {
        const message = `${type.field.spec.name} cannot be transformed`;
        return refuse('transformer-type', message, arg.at);
      }
      if (arg.kind === 'transformer' && arg.name === 'val') {
        return refuse('transformer-args', 'val stands alone on the right', arg.at);
      }
      return type;
    }
  }
}

function refuse(error: OperandProblem['error'], message: string, at: Position): OperandProblem {
  return { error, message, at };
}
