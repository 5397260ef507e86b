import type {
  AttackInfo,
  BrowserStatus,
  ChatAnswer,
  ConnectionId,
  LoginAnswer,
  Persona,
  VictimHost,
} from '#contract';
import type { Snippet } from 'svelte';
import type { Dissection } from '#dissectors/field.ts';
import type { ChangedView } from '#folds/changed.ts';
import type { Ladders } from '#folds/ladder/ladders.ts';
import type { CaptureView, MessageView } from '#folds/view.ts';
import type { LabReach } from '../format/inspector/copied-request.ts';
import type { LaneChoice, LaneName } from '../state/choices.svelte.ts';
import type { LadderState } from '../state/ladder.svelte.ts';
import type { LoginForm, Lookup } from '../state/login-form.svelte.ts';
import type { SteppingState } from '../state/stepping.svelte.ts';
import type { ExplanationOf, FingerprintOf, InspectorView } from './inspector/inspector-view.ts';
import type { LensView } from './lens/lens-view.ts';

/** What the Stage shows, and what can be done on it. */
export interface StageView {
  view: CaptureView;
  /** What the ends said was typed. */
  entered: readonly string[];
  persona: Persona | undefined;
  /** How the live lab is reached from this machine. */
  reach?: LabReach | undefined;
  /** Where the victim can log in. */
  hosts?: readonly VictimHost[];
  link: 'connecting' | 'live' | 'lost' | 'refused';
  theme: 'auto' | 'light' | 'dark';
  answer: LoginAnswer | undefined;
  chatAnswer: ChatAnswer | undefined;
  browser: BrowserStatus | undefined;
  isLoggingIn: boolean;
  isChatting: boolean;
  isBrowserBusy: boolean;
  isResetting: boolean;
  isRevealed: boolean;
  form: LoginForm;
  choices: Readonly<Record<LaneName, LaneChoice>>;
  dissect: (message: MessageView) => Dissection;
  dissectAll?: (message: MessageView) => readonly Dissection[];
  inspector?: InspectorView;
  ladder?: LadderState;
  ladders?: Ladders;
  /** What the stranger changed on the way. */
  changed?: ChangedView;
  lens?: LensView;
  stepping?: SteppingState;
  /** The capture was read from a file. */
  isRecorded?: boolean;
  /** What of it could not be shown. */
  notes?: readonly string[];
  /** There is a live lab behind what is shown. */
  hasLab?: boolean;
  isOpening?: boolean;
  onfiles?: (files: readonly File[]) => void;
  explanationOf?: ExplanationOf;
  fingerprintOf?: FingerprintOf;
  onlogin: (mobile: string, password: string, lookup: Lookup) => void;
  /** Opens the certificate check; of the newest connection where none is named. */
  oncertificate?: (connection?: ConnectionId) => void;
  /** Opens the room of the keys. */
  onkeys?: (() => void) | undefined;
  /** Opens the attack bench. */
  onattacks?: (() => void) | undefined;
  /** The attacks that wait for whoever comes. */
  armed?: readonly AttackInfo[];
  /** What went wrong, for every dialog that lies over the rest of the page. */
  notices?: Snippet;
  ondisarm?: () => void;
  onchat: (line: string) => void;
  onreset: () => void;
  /** Shows another site in the lanes. */
  onsite?: (site: string) => void;
  onreveal: () => void;
  ontheme: () => void;
  onbrowseropen: () => void;
  onbrowserclose: () => void;
}
