/**
 * Keeps what is typed: one request at a time, at the latest two seconds after it was typed, and again until it arrives.
 * Knows neither the page nor the network. A number counts the changes that are kept, so that no window writes over
 * another's words; a turn counts what this window sends, so that it never comes between itself (telehealth/notes/rules.py).
 */

/** @typedef {{after(milliseconds: number, act: () => void): () => void}} Timer */
/** @typedef {{words: string, number: number, turn: number}} Sent */
/**
 * What came of it. kept: it arrived. apart: another window wrote meanwhile. lost: no answer, worth another try.
 * signed_out: worth one as well. refused: not as it stands.
 * @typedef {{kind: 'kept', number: number} | {kind: 'apart', number: number, words: string}
 *   | {kind: 'lost' | 'signed_out' | 'refused'}} Answer
 */
/** @typedef {'kept' | 'typing' | 'apart' | 'lost' | 'signed_out' | 'refused'} State */
/**
 * @typedef {{read(): string, write(words: string): void, show(state: State, theirs: string): void,
 *   load(): Promise<{words: string, number: number} | 'lost' | 'signed_out' | 'refused'>,
 *   send(sent: Sent, closing: boolean): Promise<Answer>, timer: Timer}} Deps
 */

export const EVERY_MS = 2000;
export const AGAIN_MS = 5000;

export class Saving {
  /** @type {State} */
  state = 'kept';
  #turn = 0;
  #busy = false;
  /** @type {(() => void) | null} */
  #due = null;
  /** @type {{words: string, number: number} | null} */
  #theirs = null;

  /** @param {Deps} deps @param {{words: string, number: number} | null} known what is kept; null: not asked yet */
  constructor(deps, known) {
    this.deps = deps;
    this.known = known;
  }

  /** Something was typed. */
  typed() {
    if (this.state === 'apart') return;
    if (this.state === 'kept' || this.state === 'refused') this.#be('typing');
    this.#later(EVERY_MS);
  }

  /** Now, for whatever reason: the field was left, the network is back. @returns {Promise<void>} */
  async now() {
    this.#due?.();
    this.#due = null;
    if (this.#busy || this.state === 'apart') return;
    this.#busy = true;
    try {
      if (this.known === null) await this.#load();
      if (this.known !== null) await this.#save();
    } finally {
      this.#busy = false;
    }
    if (this.state === 'lost' || this.state === 'signed_out') this.#later(AGAIN_MS);
    else if (this.state === 'typing') this.#later(EVERY_MS);
  }

  /** The page may be gone in a moment: beside what is under way, without waiting. */
  closing() {
    if (!this.isOpen || this.known === null || this.state === 'apart') return;
    void this.deps.send(this.#next(), true).then((answer) => {
      if (answer.kind === 'kept' && this.known) this.known = { ...this.known, number: Math.max(answer.number, this.known.number) };
    });
  }

  /** Whether something here is not kept. */
  get isOpen() {
    return this.state !== 'kept';
  }

  /** What another window wrote goes first. */
  both() {
    const theirs = this.#theirs;
    if (theirs) this.deps.write([theirs.words, this.deps.read()].filter(Boolean).join('\n\n'));
    return this.mine();
  }

  /** What stands here takes the place of what another window wrote. */
  mine() {
    if (this.#theirs) this.known = this.#theirs;
    this.#theirs = null;
    this.#be('typing');
    return this.now();
  }

  async #load() {
    const found = await this.deps.load();
    if (typeof found === 'string') return this.#be(found);
    const typed = this.deps.read();
    this.known = found;
    this.deps.write([found.words, typed].filter(Boolean).join('\n\n'));
    return this.#be(typed ? 'typing' : 'kept');
  }

  async #save() {
    const sent = this.#next();
    if (sent.words === this.known?.words) return this.#be('kept');
    const answer = await this.deps.send(sent, false);
    if (answer.kind === 'kept') {
      this.known = { words: sent.words, number: answer.number };
      return this.#be(this.deps.read() === sent.words ? 'kept' : 'typing');
    }
    if (answer.kind !== 'apart') return this.#be(answer.kind);
    const theirs = { words: answer.words, number: answer.number };
    if (this.deps.read().includes(theirs.words)) {
      this.known = theirs; // nothing of theirs would be lost
      return this.#be('typing');
    }
    this.#theirs = theirs;
    return this.#be('apart');
  }

  /** @returns {Sent} */
  #next() {
    return { words: this.deps.read(), number: this.known?.number ?? 0, turn: ++this.#turn };
  }

  /** @param {number} milliseconds */
  #later(milliseconds) {
    this.#due ??= this.deps.timer.after(milliseconds, () => {
      this.#due = null;
      void this.now();
    });
  }

  /** @param {State} state */
  #be(state) {
    this.state = state;
    this.deps.show(state, this.#theirs?.words ?? '');
  }
}
