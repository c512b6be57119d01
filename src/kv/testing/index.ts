export { type ConformingStore, type SessionStoreCase, sessionStoreCases } from "./session-store-cases.ts";
