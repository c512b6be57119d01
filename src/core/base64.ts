/** Looked for one by one: an expression for the whole text would overflow the stack with that of some megabytes. */
const NO_BASE64 = /[^A-Za-z0-9+/]/;
/** `String.fromCharCode` takes its arguments on the stack. */
const CHARACTERS_AT_ONCE = 0x8000;

/** `undefined` where the text is no base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (text.length % 4 !== 0 || NO_BASE64.test(text.slice(0, text.length - padding))) return undefined;
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < characters.length; index += 1) bytes[index] = characters.charCodeAt(index);
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_ONCE) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS_AT_ONCE));
  }
  return btoa(text);
}
