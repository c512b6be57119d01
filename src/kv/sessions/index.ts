export { type LoadedSession, mergeSessions, type SessionData, sessionKey, type Sessions } from "./session-data.ts";
export { newSessionId, sessionsIn, type SessionsOptions } from "./sessions.ts";
