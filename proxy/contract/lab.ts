export interface Route {
  readonly name: string;
  /** The virtual port, the one the victim's address bar shows. */
  readonly port: number;
  readonly tls: boolean;
  /** Where the site really listens, `127.0.0.1:PORT`. */
  readonly address: string;
  /** The relay's loopback port for this route. */
  readonly listen: number;
}

/** `GET /api/lab`, and the line that `--json` prints when the lab is ready. */
export interface Lab {
  readonly version: string;
  readonly epoch: number;
  /** The dashboard's origin, `http://127.0.0.1:PORT`; `/?token=TOKEN` lets a browser in. */
  readonly dashboard: string;
  readonly token: string;
  /** Path of the lab's CA certificate (PEM). */
  readonly ca: string;
  /** The explicit proxy, for any client, and its auto-configuration file; absent where there is no lab. */
  readonly proxy?: { readonly url: string; readonly pac: string };
  readonly routes: readonly Route[];
}

/** `POST /api/import` */
export interface ImportAnswer {
  readonly epoch: number;
  readonly connections: number;
  readonly messages: number;
  /** What was passed over in the file, and why. */
  readonly notes?: readonly string[];
}

/** `GET /api/connections/N/fingerprint`: what a ClientHello gives away about the program that sent it. */
export interface Fingerprint {
  readonly ja3: string;
  readonly ja4: string;
}

export interface ApiError {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}
