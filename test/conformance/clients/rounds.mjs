// Cases in rounds: when nothing runs, `between` is called once, and then all who wait go at once.
// Knows neither what a case is nor what happens between rounds.

export class Rounds {
  #between;
  #waiting = [];
  #running = 0;
  #turning = false;

  constructor(between) {
    this.#between = between;
  }

  /** Runs `run` in the next round. Rejects with what `between` or `run` rejected with. */
  async take(run) {
    const begun = new Promise((begin, fail) => this.#waiting.push({ begin, fail }));
    this.#turn();
    try {
      await begun;
      return await run();
    } finally {
      --this.#running;
      this.#turn();
    }
  }

  async #turn() {
    if (this.#running > 0 || this.#turning || this.#waiting.length === 0) return;
    this.#turning = true;
    const failure = await this.#between().then(() => undefined, (reason) => reason);
    const round = this.#waiting.splice(0);
    this.#running = round.length;
    this.#turning = false;
    for (const { begin, fail } of round) failure ? fail(failure) : begin();
  }
}
