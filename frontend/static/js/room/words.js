/**
 * Safety words with one other page (TSAS1): who says what in which order, and what the two people at the screens do.
 * Anything out of order ends the run. The words themselves are never sent. docs/safety-words.md explains each step.
 */
import { bytesOf, commitmentOf, decoysOf, hexOf, okmOf, same, wordsOf } from './sas.js';

/** @typedef {import('./sas.js').Bytes} Bytes */
/** @typedef {import('./signaling.js').Clock} Clock */
/** @typedef {'ask' | 'commit' | 'nonce' | 'reveal' | 'heard' | 'differ' | 'cancel'} FrameType */
/** @typedef {{type: FrameType, value: Bytes}} Message */
/**
 * Why a run ended: `stopped` by this person, `theirs` by the other, `late`, `broken` (something out of order),
 * `unfit` (this connection cannot be shown to be one), `wrong` (other words were chosen), `spent` (three runs were).
 * @typedef {'stopped' | 'theirs' | 'late' | 'broken' | 'unfit' | 'wrong' | 'spent'} Why
 */
/**
 * What the screen shows now. `second` says that the other side has chosen already.
 * @typedef {{at: 'asking'} | {at: 'reading', words: string[], second: boolean}
 *   | {at: 'listening', choices: string[][], second: boolean} | {at: 'done'} | {at: 'idle', why: Why}
 *   | {at: 'differ', by: 'us' | 'them'}} Step
 */
/**
 * `initiator`: whether this seat has the smaller id. `context` gives ctx, or rejects where a precondition fails.
 * @typedef {{initiator: boolean, context: () => Promise<Bytes>, random: (length: number) => Bytes, clock: Pick<Clock, 'after'>,
 *   send: (frame: string) => boolean, onStep: (step: Step) => void, onVerified: () => void,
 *   onFault: (error: unknown) => void}} WordsParts
 */
/** @typedef {'began' | 'asked' | 'committed' | 'answered' | 'reading' | 'listening' | 'done'} State */
/**
 * @typedef {{state: State, starter: boolean, second: boolean, context: Bytes, own: Bytes, commitment: Bytes, words: string[],
 *   stopClock: () => void}} Run
 */

export const RUN_MILLISECONDS = 120000;
export const RUNS_AT_MOST = 3;
/** Messages with 32 bytes, and the name under which they stand. */
const VALUES = new Map([['commit', 'c'], ['nonce', 'r'], ['reveal', 'r']]);
const PLAIN = new Set(['ask', 'heard', 'differ', 'cancel']);
const NOTHING = new Uint8Array();

export class Words {
  /** @type {Run | null} */
  #run = null;
  #turn = Promise.resolve();

  /** @param {WordsParts} parts */
  constructor(parts) {
    this.parts = parts;
    /** How many were begun, by whomever. */
    this.runs = 0;
  }

  /** Whether a run is under way. */
  get busy() {
    return this.#run !== null && this.#run.state !== 'done';
  }

  /** This person wants to compare. @returns {Promise<void>} */
  start() {
    return this.#inTurn(() => {
      if (this.busy) return undefined;
      if (this.runs >= RUNS_AT_MOST) return this.parts.onStep({ at: 'idle', why: 'spent' });
      return this.parts.initiator ? this.#commit(true) : this.#ask();
    });
  }

  /** What came from the other page; null for a frame over the bound. @param {unknown} frame @returns {Promise<void>} */
  receive(frame) {
    return this.#inTurn(() => this.#received(read(frame)));
  }

  /** What this person heard; null for none of them. @param {string[] | null} choice */
  choose(choice) {
    const run = this.#run;
    if (run?.state !== 'listening') return;
    if (choice === null) return this.differ();
    if (choice.join() !== run.words.join()) return this.#cancel('wrong');
    this.parts.onVerified();
    this.parts.send(write('heard'));
    if (run.second) return this.#finish(run);
    run.second = true;
    this.#read(run);
  }

  /** The words are not the same: somebody may be in between. */
  differ() {
    if (!this.busy) return;
    this.parts.send(write('differ'));
    this.#end();
    this.parts.onStep({ at: 'differ', by: 'us' });
  }

  /** This person, or a change of the connection, ends the run. @param {Why} [why] */
  stop(why = 'stopped') {
    if (this.busy) this.#cancel(why);
  }

  /** @param {Message | null} message @returns {Promise<void> | void} */
  #received(message) {
    if (message?.type === 'differ') return this.#theyDiffer();
    if (!this.busy) return this.#opened(message);
    const run = /** @type {Run} */ (this.#run);
    if (message?.type === 'cancel') return this.#over('theirs');
    switch (`${message?.type} ${run.state}`) {
      case 'commit asked':
        return this.#answer(run, /** @type {Message} */ (message).value);
      case 'nonce committed':
        return this.#reveal(run, /** @type {Message} */ (message).value);
      case 'reveal answered':
        return this.#check(run, /** @type {Message} */ (message).value);
      case 'heard reading':
        return this.#heard(run);
      case 'ask committed': // both pressed at once: whoever asks reads first
        if (!run.starter) return this.#cancel('broken');
        run.starter = false;
        return undefined;
      default:
        return this.#cancel('broken');
    }
  }

  /** Outside a run only the other side's beginning means something. @param {Message | null} message */
  #opened(message) {
    const opening = this.parts.initiator ? 'ask' : 'commit';
    if (message?.type !== opening) return undefined;
    if (this.runs >= RUNS_AT_MOST) return void this.parts.send(write('cancel'));
    if (this.parts.initiator) return this.#commit(false);
    return this.#answer(this.#begin(false), message.value);
  }

  async #ask() {
    const run = this.#begin(true);
    if (!(await this.#bind(run))) return;
    run.state = 'asked';
    this.#say(write('ask'));
  }

  /** @param {boolean} starter */
  async #commit(starter) {
    const run = this.#begin(starter);
    if (!(await this.#bind(run))) return;
    const commitment = await commitmentOf(run.context, run.own);
    if (this.#run !== run) return;
    run.commitment = commitment;
    run.state = 'committed';
    this.#say(write('commit', commitment));
  }

  /** The only place from which R's nonce goes out: after a commitment. @param {Run} run @param {Bytes} commitment */
  async #answer(run, commitment) {
    if (!(await this.#bind(run))) return;
    run.commitment = commitment;
    run.state = 'answered';
    this.#say(write('nonce', run.own));
  }

  /** @param {Run} run @param {Bytes} theirs */
  async #reveal(run, theirs) {
    if (this.#say(write('reveal', run.own))) await this.#agree(run, run.own, theirs);
  }

  /** @param {Run} run @param {Bytes} theirs */
  async #check(run, theirs) {
    const commitment = await commitmentOf(run.context, theirs);
    if (this.#run !== run) return;
    if (same(commitment, run.commitment)) await this.#agree(run, theirs, run.own);
    else this.#cancel('broken');
  }

  /** @param {Run} run @param {Bytes} nonceI @param {Bytes} nonceR */
  async #agree(run, nonceI, nonceR) {
    const words = wordsOf(await okmOf(run.context, run.commitment, nonceI, nonceR));
    const context = await this.parts.context().catch(() => NOTHING);
    if (this.#run !== run) return;
    if (!same(context, run.context)) return this.#cancel('unfit');
    run.words = words;
    if (run.starter) this.#read(run);
    else this.#listen(run);
  }

  /** @param {Run} run */
  #heard(run) {
    if (run.second) return this.#finish(run);
    run.second = true;
    return this.#listen(run);
  }

  /** @param {Run} run */
  #read(run) {
    run.state = 'reading';
    this.parts.onStep({ at: 'reading', words: run.words, second: run.second });
  }

  /** @param {Run} run */
  #listen(run) {
    const { random, onStep } = this.parts;
    run.state = 'listening';
    const choices = decoysOf(run.words, random);
    choices.splice((random(1)[0] ?? 0) % 4, 0, run.words);
    onStep({ at: 'listening', choices, second: run.second });
  }

  /** @param {Run} run */
  #finish(run) {
    run.stopClock();
    run.state = 'done';
    run.words = [];
    this.parts.onStep({ at: 'done' });
  }

  /** A run counts when it begins. @param {boolean} starter @returns {Run} */
  #begin(starter) {
    this.runs += 1;
    const stopClock = this.parts.clock.after(RUN_MILLISECONDS, () => this.stop('late'));
    /** @type {Run} */
    const run = { state: 'began', starter, second: false, context: NOTHING, own: this.parts.random(32), commitment: NOTHING, words: [], stopClock };
    this.#run = run;
    this.parts.onStep({ at: 'asking' });
    return run;
  }

  /** To the connection as it is now; false where the run is over. @param {Run} run @returns {Promise<boolean>} */
  async #bind(run) {
    if (run.context.length > 0) return true;
    const context = await this.parts.context().catch(() => NOTHING);
    if (this.#run !== run) return false;
    run.context = context;
    if (context.length === 0) this.#cancel('unfit');
    return context.length > 0;
  }

  /** @param {string} frame @returns {boolean} */
  #say(frame) {
    const went = this.parts.send(frame);
    if (!went) this.#over('broken');
    return went;
  }

  /** @param {Why} why */
  #cancel(why) {
    this.parts.send(write('cancel'));
    this.#over(why);
  }

  /** @param {Why} why */
  #over(why) {
    this.#end();
    this.parts.onStep({ at: 'idle', why });
  }

  #theyDiffer() {
    if (this.#run !== null) this.theyDiffer();
  }

  /** The other side's words were not the same, wherever this side is in it. */
  theyDiffer() {
    this.#end();
    this.parts.onStep({ at: 'differ', by: 'them' });
  }

  #end() {
    this.#run?.stopClock();
    this.#run = null;
  }

  /** One thing after the other, also where a hash is waited for. @param {() => Promise<void> | void} act @returns {Promise<void>} */
  #inTurn(act) {
    this.#turn = this.#turn.then(act).catch(this.parts.onFault);
    return this.#turn;
  }
}

/** @param {FrameType} type @param {Bytes} [value] @returns {string} */
export function write(type, value) {
  const name = VALUES.get(type);
  return JSON.stringify(name && value ? { type, [name]: hexOf(value) } : { type });
}

/** Strictly: one object, exactly its fields, 32 bytes in small hex digits. @param {unknown} frame @returns {Message | null} */
export function read(frame) {
  if (typeof frame !== 'string' || frame.length > 512) return null;
  let message;
  try {
    message = JSON.parse(frame);
  } catch {
    return null;
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return null;
  const { type, ...fields } = message;
  const name = VALUES.get(type);
  if (Object.keys(fields).join() !== (name ?? '')) return null;
  if (name === undefined) return PLAIN.has(type) ? { type, value: NOTHING } : null;
  const value = fields[name];
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? { type, value: bytesOf(value) } : null;
}
