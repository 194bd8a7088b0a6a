// The types of layout.ts: an offset that knows what lies there, so that a cursor's `u64()` refuses the
// offset of a u32 when it is compiled. At run time each is a plain number.

/** An offset at which a value of this kind lies. A plain number passes too. */
export type At<Kind extends string> = number & { readonly kind?: Kind };

/** An array inside a record: offset of its first element, element count, bytes from one to the next. */
export interface ArrayAt<Kind extends string> {
  readonly at: At<Kind>;
  readonly count: number;
  readonly stride: number;
}

/** Marks an offset with the kind of value that lies there. */
export function at<Kind extends string>(_kind: Kind, offset: number): At<Kind> {
  return offset;
}

/** Marks an array of values. */
export function arrayAt<Kind extends string>(
  _kind: Kind,
  offset: number,
  count: number,
  stride: number,
): ArrayAt<Kind> {
  return { at: offset, count, stride };
}
