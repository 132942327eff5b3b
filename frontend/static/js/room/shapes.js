/** What values on a wire may look like: small checks, put together. Pure. */

const encoder = new TextEncoder();

/** A message that does not follow the protocol; `code` is one of its stable error codes. */
export class Malformed extends Error {
  /** @param {Code} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** @typedef {'malformed' | 'unknown_type' | 'unknown_field' | 'too_large' | 'too_many_candidates'} Code */
/** True when the value is as agreed; false or a code when it is not. @typedef {(value: unknown) => boolean | Code} Check */

/** @type {Check} */
export const boolean = (value) => typeof value === 'boolean';
/** @type {Check} */
export const text = (value) => typeof value === 'string';
/** @type {Check} */
export const textOrNull = (value) => value === null || text(value);
/** @type {Check} */
export const id = (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
/** @type {Check} */
export const moment = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
/** @param {...string} words @returns {Check} */
export const oneOf = (...words) => (value) => typeof value === 'string' && words.includes(value);
/** @param {Check} check @returns {Check} */
export const orNull = (check) => (value) => value === null || check(value);
/** @param {Check} check @returns {Check} */
export const listOf = (check) => (value) =>
  Array.isArray(value) && (value.map((one) => check(one)).find((verdict) => verdict !== true) ?? true);
/** @param {number} most bytes in UTF-8 @returns {Check} */
export const textUpTo = (most) => (value) => typeof value === 'string' && (bytes(value) <= most || 'too_large');

/** @typedef {{[field: string]: Check}} Shape */

/** Fields whose name ends in "?" may be missing. @param {Shape} shape @returns {Check} */
export const shaped = (shape) => (value) => fault(value, shape)?.code ?? true;

/** What is wrong with a value of this shape, or null. @param {unknown} value @param {Shape} shape @returns {Malformed | null} */
export function fault(value, shape) {
  if (!isObject(value)) return new Malformed('malformed', 'an object is missing');
  for (const field of Object.keys(value)) {
    if (!Object.hasOwn(shape, field) && !Object.hasOwn(shape, `${field}?`)) {
      return new Malformed('unknown_field', `unknown field ${field.slice(0, 40)}`);
    }
  }
  for (const [name, check] of Object.entries(shape)) {
    const optional = name.endsWith('?');
    const field = optional ? name.slice(0, -1) : name;
    if (!Object.hasOwn(value, field)) {
      if (!optional) return new Malformed('malformed', `${field} is missing`);
    } else {
      const verdict = check(value[field]);
      if (verdict !== true) return new Malformed(verdict || 'malformed', `${field} is not as agreed`);
    }
  }
  return null;
}

/** @param {unknown} value @returns {value is {[field: string]: unknown}} */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Length in UTF-8. @param {string} value @returns {number} */
export function bytes(value) {
  return encoder.encode(value).length;
}
