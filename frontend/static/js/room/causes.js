/** Why a device cannot be had. */

/** @typedef {'refused' | 'in_use' | 'none' | 'unfit' | 'unsupported' | 'lost' | 'failed' | 'veil' | 'held'} Cause */

/** @type {ReadonlyMap<string, Cause>} */
const CAUSES = new Map([
  ['NotAllowedError', 'refused'],
  ['SecurityError', 'refused'],
  ['NotReadableError', 'in_use'],
  ['AbortError', 'in_use'],
  ['NotFoundError', 'none'],
  ['OverconstrainedError', 'unfit'],
  ['TypeError', 'unsupported'],
]);

/** @param {unknown} error @returns {Cause} */
export function causeOf(error) {
  return (error instanceof Error || error instanceof DOMException) ? (CAUSES.get(error.name) ?? 'failed') : 'failed';
}

/** Whether the browser would still give one of the two; asking again when both were refused would only nag. */
export async function someAllowed() {
  try {
    const names = /** @type {PermissionName[]} */ (['camera', 'microphone']);
    const states = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
    return states.some(({ state }) => state === 'granted') && states.some(({ state }) => state === 'denied');
  } catch {
    return false; // a browser that does not tell
  }
}
