// A condition's text to its syntax tree, by recursive descent. The depth is limited, so that no
// text can exhaust the stack; the time is linear in the length.

import type { Check, Expression, Operand, Position } from './ast.js';
import { Lexer } from './lexer.js';
import { TermParser } from './terms.js';

/** Parser levels a rule's condition may use: 198 nested parentheses. */
export const RULE_MAX_DEPTH = 1000;

export interface ParseOptions {
  /** Parser levels; one pair of parentheses uses five. 100 unless given, as in the reference. */
  maxDepth?: number;
  /** The macro whose text this is; becomes part of every position. */
  macro?: string;
}

/**
 * Parses a condition.
 *
 * @throws ConditionError at the first place that fits no rule of the grammar, or where the text
 *   nests too deeply.
 */
export function parseCondition(text: string, options: ParseOptions = {}): Expression {
  const parser = new Parser(new Lexer(text, options.macro), options.maxDepth ?? 100);
  return parser.condition();
}

/**
 * Parses a field or a transformer call that is a text of its own, such as an exception's field.
 *
 * @throws ConditionError as `parseCondition` does.
 */
export function parseOperand(text: string): Operand {
  const parser = new Parser(new Lexer(text), 100);
  return parser.soleOperand();
}

class Parser {
  private readonly lexer: Lexer;
  private readonly terms: TermParser;

  constructor(lexer: Lexer, maxDepth: number) {
    this.lexer = lexer;
    this.terms = new TermParser(lexer, maxDepth);
  }

  condition(): Expression {
    const lexer: Lexer = this.lexer;
    if (lexer.text.length === 0) lexer.fail('the condition is empty');
    const expression = this.or();
    if (!lexer.atEnd) {
      const hint = this.missingOperator(expression);
      lexer.fail(`unexpected ${lexer.found()}: expected 'and', 'or' or the end${hint}`);
    }
    return expression;
  }

  soleOperand(): Operand {
    const lexer: Lexer = this.lexer;
    lexer.blank();
    const operand = this.terms.operand();
    lexer.blank();
    if (operand === undefined || !lexer.atEnd) lexer.fail(`expected a field, not ${lexer.found()}`);
    return operand;
  }

  private or(): Expression {
    return this.chain('or', () => this.and());
  }

  private and(): Expression {
    return this.chain('and', () => this.not());
  }

  private chain(kind: 'and' | 'or', part: () => Expression): Expression {
    const lexer: Lexer = this.lexer;
    this.terms.enter();
    lexer.blank();
    const start = lexer.offset;
    const first = part();
    lexer.blank();
    let parts: Expression[] | undefined;
    while (lexer.take(kind)) {
      if (!lexer.blank() && !lexer.peek('(')) {
        lexer.fail(`expected a blank or '(' after '${kind}', not ${lexer.found()}`);
      }
      parts ??= [first];
      parts.push(part());
      lexer.blank();
    }
    this.terms.leave();
    return parts === undefined ? first : { kind, parts, at: lexer.position(start) };
  }

  private not(): Expression {
    const lexer: Lexer = this.lexer;
    this.terms.enter();
    lexer.blank();
    const start = lexer.offset;
    let negated = false;
    while (lexer.token('not') !== undefined) negated = !negated;
    if (lexer.peek('not(') && lexer.take('not')) negated = !negated;
    const part = this.primary();
    this.terms.leave();
    return negated ? { kind: 'not', part, at: lexer.position(start) } : part;
  }

  private primary(): Expression {
    const lexer: Lexer = this.lexer;
    this.terms.enter();
    lexer.blank();
    const expression = lexer.take('(') ? this.group() : this.checkOrMacro();
    this.terms.leave();
    return expression;
  }

  // The opening parenthesis has been taken.
  private group(): Expression {
    const lexer: Lexer = this.lexer;
    const opened = lexer.offset - 1;
    this.terms.enter();
    const expression = this.or();
    if (!lexer.take(')')) {
      if (lexer.atEnd) lexer.fail("this '(' is never closed", opened);
      const hint = this.missingOperator(expression);
      lexer.fail(`expected ')', 'and' or 'or', not ${lexer.found()}${hint}`);
    }
    this.terms.leave();
    return expression;
  }

  private checkOrMacro(): Expression {
    const lexer: Lexer = this.lexer;
    const at = lexer.position();
    const left = this.terms.operand();
    if (left !== undefined) return this.check(left, at);
    const name = lexer.token('identifier');
    if (name !== undefined) return { kind: 'macro', name, at };
    return lexer.fail(`expected a field, a macro or '(', not ${lexer.found()}`);
  }

  private check(left: Operand, at: Position): Check {
    const lexer: Lexer = this.lexer;
    this.terms.enter();
    lexer.blank();
    const operatorAt = lexer.position();
    const check: Check = { kind: 'check', left, operator: 'exists', at, operatorAt };
    if (!lexer.take('exists')) this.terms.comparison(check);
    this.terms.leave();
    return check;
  }

  // The likely cause when a condition goes on without `and` or `or`: a field without a dot in
  // `name = x`, a value without quotes in `proc.name = x y`.
  private missingOperator(before: Expression): string {
    if (!/^'[\w=<>!/.-]/.test(this.lexer.found())) return '';
    if (before.kind === 'macro') return ` ('${before.name}' is read as a macro)`;
    if (before.kind === 'check') return ' (a value with blanks needs quotes)';
    const last = before.kind === 'not' ? before.part : before.parts.at(-1);
    return last === undefined ? '' : this.missingOperator(last);
  }
}
