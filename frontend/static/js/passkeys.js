/**
 * Passkeys (W3C Web Authentication) in the page: options come from our service as JSON, the authenticator is asked,
 * and its answer goes back as JSON. The browsers' own conversions are newer than the browsers we serve.
 */

/** A passkey was refused, here or by the service. */
export class NotDone extends Error {
  /**
   * @param {string} code @param {string} [text] a sentence for the person, where the service sent one
   * @param {string} [request] the number by which the service's log knows it
   */
  constructor(code, text = '', request = '') {
    super(code);
    this.code = code;
    this.text = text;
    this.request = request;
  }
}

/** Whether this browser, on this page, can use passkeys at all. */
export function canUsePasskeys() {
  return window.isSecureContext && 'PublicKeyCredential' in window && 'credentials' in navigator;
}

/** @param {string} text base64url without padding */
export function bytesOf(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer @returns {string} base64url without padding */
export function textOf(buffer) {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * Prove a passkey: `at` is the address of the exchange.
 * @param {string} at @param {string} token @param {Record<string, string>} more
 * @returns {Promise<string>} where to go next
 */
export async function prove(at, token, more) {
  const options = await sent(`${at}/options`, token, more);
  const credential = await asked(() => navigator.credentials.get({ publicKey: requestFrom(options) }));
  const { response } = credential;
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new NotDone('cancelled');
  const answer = {
    ...described(credential),
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      authenticatorData: textOf(response.authenticatorData),
      signature: textOf(response.signature),
      userHandle: response.userHandle ? textOf(response.userHandle) : null,
    },
  };
  return String((await sent(at, token, { ...more, credential: answer })).next);
}

/**
 * Make a passkey and have it kept.
 * @param {string} at @param {string} token @param {Record<string, string>} more
 * @returns {Promise<string>} where to go next
 */
export async function make(at, token, more) {
  const options = await sent(`${at}/options`, token, more);
  const credential = await asked(() => navigator.credentials.create({ publicKey: creationFrom(options) }));
  const { response } = credential;
  if (!(response instanceof AuthenticatorAttestationResponse)) throw new NotDone('cancelled');
  const answer = {
    ...described(credential),
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      attestationObject: textOf(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
  return String((await sent(at, token, { ...more, credential: answer })).next);
}

/** @param {PublicKeyCredential} credential */
function described(credential) {
  return { id: credential.id, rawId: textOf(credential.rawId), type: credential.type };
}

/**
 * @param {() => Promise<Credential | null>} ask
 * @returns {Promise<PublicKeyCredential>}
 */
async function asked(ask) {
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'InvalidStateError') throw new NotDone('known');
    if (name !== 'NotAllowedError' && name !== 'AbortError') throw new NotDone('impossible');
  }
  throw new NotDone('cancelled');
}

/**
 * @param {string} address @param {string} token @param {object} body
 * @returns {Promise<any>}
 */
async function sent(address, token, body) {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': token };
  let answer;
  let said;
  try {
    answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
    said = await answer.json();
  } catch {
    throw new NotDone('away');
  }
  if (answer.ok) return said;
  const { code = 'away', text = '', request_id = '' } = said?.error ?? {};
  throw new NotDone(String(code), String(text), String(request_id));
}

/** @param {any} options PublicKeyCredentialRequestOptionsJSON @returns {PublicKeyCredentialRequestOptions} */
function requestFrom(options) {
  const allowed = (options.allowCredentials ?? []).map(descriptorFrom);
  return { ...options, challenge: bytesOf(options.challenge), allowCredentials: allowed };
}

/** @param {any} options PublicKeyCredentialCreationOptionsJSON @returns {PublicKeyCredentialCreationOptions} */
function creationFrom(options) {
  return {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(descriptorFrom),
  };
}

/** @param {any} descriptor */
function descriptorFrom(descriptor) {
  return { ...descriptor, id: bytesOf(descriptor.id) };
}
