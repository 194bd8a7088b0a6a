// The terms of a condition: fields, transformer calls, and an operator with its right side.

import type {
  Check,
  FieldRef,
  Modifier,
  Operand,
  Right,
  TransformerArg,
  TransformerCall,
  ValueRight,
} from './ast.js';
import {
  LIST_OPERATORS,
  MODIFIERS,
  NUMERIC_OPERATORS,
  TEXT_OPERATORS,
  TRANSFORMERS,
} from './ast.js';
import type { Lexer } from './lexer.js';

/** Parses terms where the lexer stands; every method throws ConditionError. */
export class TermParser {
  readonly lexer: Lexer;
  private readonly maxDepth: number;
  private depth = 0;

  constructor(lexer: Lexer, maxDepth: number) {
    this.lexer = lexer;
    this.maxDepth = maxDepth;
  }

  /** Counts a level of nesting; `leave` must follow. */
  enter(): void {
    if (++this.depth < this.maxDepth) return;
    this.lexer.fail(`the condition nests too deeply (limit: ${this.maxDepth} levels)`);
  }

  leave(): void {
    this.depth--;
  }

  /** A field or a transformer call, `undefined` when none stands here. */
  operand(): Operand | undefined {
    return this.field() ?? this.transformer();
  }

  private argument(): string | undefined {
    const lexer: Lexer = this.lexer;
    if (!lexer.take('[')) return undefined;
    const argument = lexer.quotedText() ?? lexer.token('bareArgument');
    if (argument === undefined) lexer.fail(`expected an argument, not ${lexer.found()}`);
    if (!lexer.take(']')) lexer.fail(`expected ']' after the argument, not ${lexer.found()}`);
    return argument;
  }

  private transformer(): TransformerCall | undefined {
    const lexer: Lexer = this.lexer;
    const name = TRANSFORMERS.find((word) => lexer.peek(`${word}(`));
    if (name === undefined) return undefined;
    const at = lexer.position();
    this.enter();
    lexer.take(`${name}(`);
    const args = this.transformerArgs(true);
    const call: TransformerCall = { kind: 'transformer', name, args, at };
    this.finishCall(call);
    this.leave();
    return call;
  }

  private finishCall(call: TransformerCall): void {
    const lexer: Lexer = this.lexer;
    lexer.blank();
    if (!lexer.take(')')) {
      lexer.fail(`expected ',' or ')' in the call of '${call.name}', not ${lexer.found()}`);
    }
    const argument = this.argument();
    if (argument !== undefined) call.argument = argument;
  }

  private transformerArgs(listsAllowed: boolean): TransformerArg[] {
    const args: TransformerArg[] = [];
    do {
      this.lexer.blank();
      args.push(this.transformerArg(listsAllowed));
      this.lexer.blank();
    } while (this.lexer.take(','));
    return args;
  }

  private transformerArg(listsAllowed: boolean): TransformerArg {
    const lexer: Lexer = this.lexer;
    const at = lexer.position();
    const operand = this.operand();
    if (operand !== undefined) return operand;
    const text = lexer.quotedText();
    if (text !== undefined) return { kind: 'text', value: text, at };
    const number = lexer.token('number');
    if (number !== undefined) return { kind: 'number', value: number, at };
    if (listsAllowed && lexer.take('(')) {
      lexer.blank();
      const items = lexer.peek(')') ? [] : this.transformerArgs(false);
      lexer.blank();
      if (!lexer.take(')')) lexer.fail(`expected ',' or ')', not ${lexer.found()}`);
      return { kind: 'list', items, at };
    }
    const list = listsAllowed ? ', a list in parentheses' : '';
    return lexer.fail(
      `expected a field, a transformer, a quoted text, a number${list}, not ${lexer.found()}`,
    );
  }

  /** Reads the operator and the right side into a check that has its left side. */
  comparison(check: Check): void {
    const lexer: Lexer = this.lexer;
    const numeric = lexer.takeOneOf(NUMERIC_OPERATORS);
    if (numeric !== undefined) {
      check.operator = numeric;
      check.right = this.numericValue();
      return;
    }
    const text = TEXT_OPERATORS.find((word) => this.textOperator(word));
    if (text !== undefined) {
      check.operator = text;
      const modifier = this.modifier();
      if (modifier !== undefined) check.modifier = modifier;
      check.right = modifier === undefined ? this.textValue() : this.listValue();
      return;
    }
    const list = lexer.takeOneOf(LIST_OPERATORS);
    if (list === undefined) {
      lexer.fail(`expected an operator (${OPERATOR_NAMES}), not ${lexer.found()}`);
    }
    check.operator = list;
    check.right = this.listValue();
  }

  // Word operators need a blank behind them, signs do not.
  private textOperator(word: string): boolean {
    const lexer: Lexer = this.lexer;
    const start = lexer.offset;
    if (!lexer.take(word)) return false;
    if (!/^[a-z]/.test(word) || lexer.peekBlank()) return true;
    lexer.offset = start;
    return false;
  }

  // `oneof` is a modifier between blanks and before a list or a name; elsewhere it is a plain value.
  private modifier(): Modifier | undefined {
    const lexer: Lexer = this.lexer;
    const start = lexer.offset;
    if (!lexer.blank()) return undefined;
    const modifier = lexer.takeOneOf(MODIFIERS);
    if (modifier !== undefined && lexer.blank()) {
      const list = lexer.offset;
      const name = lexer.token('identifier');
      lexer.offset = list;
      const joins = name === 'and' || name === 'or' || name === 'not';
      if (lexer.peek('(') || (name !== undefined && !joins)) return modifier;
    }
    lexer.offset = start;
    return undefined;
  }

  private numericValue(): Right {
    const lexer: Lexer = this.lexer;
    lexer.blank();
    const at = lexer.position();
    const field = this.rightField();
    if (field !== undefined) return field;
    const value = lexer.token('hex') ?? lexer.token('number');
    if (value !== undefined) return { kind: 'value', value, quoted: false, at };
    return lexer.fail(`expected a number or val(field), not ${lexer.found()}`);
  }

  private textValue(): Right {
    const lexer: Lexer = this.lexer;
    lexer.blank();
    return (
      this.rightField() ?? this.value() ?? lexer.fail(`expected a value, not ${lexer.found()}`)
    );
  }

  private listValue(): Right {
    const lexer: Lexer = this.lexer;
    lexer.blank();
    const at = lexer.position();
    if (lexer.take('(')) return { kind: 'list', values: this.listItems(), at };
    const found = this.lookup() ?? this.rightField();
    if (found !== undefined) return found;
    const value = lexer.token('identifier');
    if (value !== undefined) return { kind: 'value', value, quoted: false, at };
    return lexer.fail(`expected a list in parentheses or val(field), not ${lexer.found()}`);
  }

  // The opening parenthesis has been taken.
  private listItems(): string[] {
    const lexer: Lexer = this.lexer;
    const values: string[] = [];
    lexer.blank();
    if (lexer.take(')')) return values;
    do {
      lexer.blank();
      const value = this.value();
      if (value === undefined) lexer.fail(`expected a value, not ${lexer.found()}`);
      values.push(value.value);
      lexer.blank();
    } while (lexer.take(','));
    if (!lexer.take(')')) lexer.fail(`expected ',' or ')' in the list, not ${lexer.found()}`);
    return values;
  }

  private value(): ValueRight | undefined {
    const lexer: Lexer = this.lexer;
    const at = lexer.position();
    const text = lexer.quotedText();
    if (text !== undefined) return { kind: 'value', value: text, quoted: true, at };
    const value = lexer.token('bare');
    return value === undefined ? undefined : { kind: 'value', value, quoted: false, at };
  }

  // Saker's own. In Falco's language a name is followed by no parenthesis, so that this takes nothing
  // away from it.
  private lookup(): TransformerCall | undefined {
    const lexer: Lexer = this.lexer;
    const at = lexer.position();
    if (!lexer.take('lookup(')) return undefined;
    lexer.blank();
    const file = this.value();
    if (file === undefined) lexer.fail(`expected the name of a file, not ${lexer.found()}`);
    const { value, at: fileAt } = file;
    const args: TransformerArg[] = [{ kind: 'text', value, at: fileAt }];
    lexer.blank();
    if (!lexer.take(')')) lexer.fail(`expected ')' after the name of a file, not ${lexer.found()}`);
    return { kind: 'transformer', name: 'lookup', args, at };
  }

  private rightField(): TransformerCall | undefined {
    const lexer: Lexer = this.lexer;
    const start = lexer.offset;
    if (!lexer.take('val(')) return this.transformer();
    const at = lexer.position(start);
    lexer.blank();
    const field = this.field();
    if (field === undefined) lexer.fail(`expected a field in val(), not ${lexer.found()}`);
    const call: TransformerCall = { kind: 'transformer', name: 'val', args: [field], at };
    this.finishCall(call);
    return call;
  }

  private field(): FieldRef | undefined {
    const start = this.lexer.offset;
    const name = this.lexer.token('field');
    if (name === undefined) return undefined;
    const at = this.lexer.position(start);
    const argument = this.argument();
    return argument === undefined
      ? { kind: 'field', name, at }
      : { kind: 'field', name, argument, at };
  }
}

const OPERATOR_NAMES = ['exists', ...NUMERIC_OPERATORS, ...TEXT_OPERATORS, ...LIST_OPERATORS].join(
  ', ',
);
