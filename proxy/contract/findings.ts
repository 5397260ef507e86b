import type { ConnectionId, Direction } from './log.ts';

export type FindingKind =
  'site' | 'page' | 'mobile' | 'password' | 'cookie' | 'token' | 'reply' | 'size' | 'time' | 'requests';

/** `read`: in plaintext on the wire. `leaks`: encryption does not hide it. `sealed`: there, but unreadable. */
export type FindingStatus = 'read' | 'leaks' | 'sealed';

export interface Finding {
  readonly kind: FindingKind;
  readonly status: FindingStatus;
  readonly value?: string;
  /** The value is a hash, sent by its name in place of the password. */
  readonly isHash?: true;
  readonly connection: ConnectionId;
  readonly direction: Direction;
  /** Half-open range in that direction of that connection. */
  readonly start: number;
  readonly end: number;
}

export type NeedleEncoding = 'plain' | 'url' | 'base64' | 'hex';

export interface Verdict {
  /** What was searched for: the password most recently entered. Absent until one was. */
  readonly needle?: string;
  readonly searchedBytes: number;
  readonly encodings: readonly NeedleEncoding[];
  readonly found: number;
}

export interface LaneFindings {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}

/** `GET /api/findings` */
export interface Findings {
  readonly epoch: number;
  readonly lanes: { readonly http: LaneFindings; readonly https: LaneFindings };
}
