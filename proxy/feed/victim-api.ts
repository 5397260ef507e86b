import type { ChatAnswer, ChatRequest, LoginAnswer, LoginRequest, Victim } from '#contract';
import { Router, type Response } from 'express';
import * as v from 'valibot';
import { refuse } from './refusal.ts';

/** What the calls ask of the scripted victim. */
export interface VictimCommands {
  victim(): Victim;
  login(request: LoginRequest): Promise<LoginAnswer>;
  chat(request: ChatRequest): Promise<ChatAnswer>;
}

const typed = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const site = v.picklist(['http', 'https', 'both']);
const loginRequest = v.object({
  mobile: typed,
  password: typed,
  site,
  host: v.exactOptional(v.pipe(v.string(), v.maxLength(253))),
  resolve: v.exactOptional(v.picklist(['dns', 'doh'])),
});
const chatRequest = v.object({ text: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(500)), site });

/** The calls under `/api/victim`. */
export function victimRouter(commands: VictimCommands): Router {
  const router = Router();
  router.get('/', (_request, response) => void response.json(commands.victim()));
  router.post('/login', async (request, response) => {
    const wanted = v.safeParse(loginRequest, request.body);
    if (wanted.success) response.json(await commands.login(wanted.output));
    else refuseRequest(response, 'bad-login-request', wanted.issues[0], loginHint);
  });
  router.post('/chat', async (request, response) => {
    const wanted = v.safeParse(chatRequest, request.body);
    if (wanted.success) response.json(await commands.chat(wanted.output));
    else refuseRequest(response, 'bad-chat-request', wanted.issues[0], chatHint);
  });
  return router;
}

const loginHint = 'Send JSON: { "mobile": "…", "password": "…", "site": "http" | "https" | "both" }.';
const chatHint = 'Send JSON: { "text": "…", "site": "http" | "https" | "both" }; at most 500 characters.';

// Not the library's own message: it repeats what was typed.
function refuseRequest(response: Response, code: string, issue: v.BaseIssue<unknown>, hint: string): void {
  const where = v.getDotPath(issue) ?? 'the body';
  refuse(response, 400, code, `"${where}" is missing or not valid.`, hint);
}
