/** A part of a view that follows what is shown. */
export interface Section<Shown> {
  update(shown: Shown): void;
}

/**
 * The way from state to screen, in both views: one state, what is derived from it, and what is
 * painted of that. Who changes the state never touches the document; who paints never changes the
 * state.
 */
export class Screen<State extends object, Shown> {
  readonly #derive: (state: State) => Shown;
  readonly #paint: (shown: Shown) => void;
  #state: State;
  #shown: Shown;
  #frame = 0;

  /**
   * Paints nothing yet.
   * @param derive keeps what does not change the same object (`memo`), so that sections can skip it
   */
  constructor(state: State, derive: (state: State) => Shown, paint: (shown: Shown) => void) {
    this.#derive = derive;
    this.#paint = paint;
    this.#state = state;
    this.#shown = derive(state);
  }

  get state(): State {
    return this.#state;
  }

  /** Derived from the state as it was painted last. */
  get shown(): Shown {
    return this.#shown;
  }

  /** Paints at once. */
  change(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.paint();
  }

  /** Paints once a frame, however often it is called: for what is dragged. */
  changeSoon(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.paint());
  }

  paint(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#shown = this.#derive(this.#state);
    this.#paint(this.#shown);
  }
}
