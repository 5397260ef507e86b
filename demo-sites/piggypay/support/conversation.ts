import type { RawData, WebSocket } from 'ws';
import type { Account } from '../accounts.ts';
import { deskAnswer, greeting } from './desk.ts';

/** How long the desk waits, in milliseconds. */
export interface Patience {
  /** Between two pings; who has not answered the last one by then is gone. */
  readonly ping: number;
  /** Without a line from the visitor. */
  readonly idle: number;
}

// Longer than a class looks at a frame that is held up on the way.
const USUAL_PATIENCE: Patience = { ping: 10 * 60_000, idle: 10 * 60_000 };
/** Answers that the visitor has not read yet. */
const MOST_UNREAD = 64 * 1024;

// RFC 6455, 7.4.1.
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;

/** One visitor at the support desk. */
export class Conversation {
  readonly #socket: WebSocket;
  readonly #idle: NodeJS.Timeout;
  readonly #ping: NodeJS.Timeout;
  readonly #account: Promise<Account | undefined>;
  #welcome: (account: Account | undefined) => void = () => undefined;
  #isAnswering = true;

  constructor(socket: WebSocket, patience: Patience = USUAL_PATIENCE) {
    this.#socket = socket;
    this.#account = new Promise((resolve) => (this.#welcome = resolve));
    this.#idle = setTimeout(() => socket.close(GOING_AWAY, 'Nothing was said for a while.'), patience.idle);
    this.#ping = setInterval(() => this.#askForLife(), patience.ping);
    socket.on('pong', () => (this.#isAnswering = true));
    socket.on('message', (data, isBinary) => void this.#hear(data, isBinary));
    // Frames against the rules: ws closes with the fitting code by itself.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(this.#idle);
      clearInterval(this.#ping);
    });
  }

  /** Greets the visitor, once it is known who they are. Lines that came before are answered after the greeting. */
  begin(account: Account | undefined): void {
    this.#say(greeting(account));
    this.#welcome(account);
  }

  drop(): void {
    this.#socket.terminate();
  }

  async #hear(data: RawData, isBinary: boolean): Promise<void> {
    if (isBinary) {
      this.#socket.close(UNSUPPORTED_DATA, 'Text only, please.');
      return;
    }
    this.#idle.refresh();
    const account = await this.#account;
    // Of `ws` a message is one Buffer unless asked otherwise.
    this.#say(deskAnswer((data as Buffer).toString(), account));
  }

  #say(text: string): void {
    if (this.#socket.bufferedAmount > MOST_UNREAD) {
      this.#socket.close(POLICY_VIOLATION, 'The answers are not read.');
      this.#socket.terminate();
      return;
    }
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text);
  }

  #askForLife(): void {
    if (!this.#isAnswering) {
      this.#socket.terminate();
      return;
    }
    this.#isAnswering = false;
    this.#socket.ping();
  }
}
