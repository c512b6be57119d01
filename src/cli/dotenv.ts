/** One line of a dotenv file: quoted where a shell or a dotenv reader would read anything but the value. */
export function dotenvLine(key: string, value: string): string {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return `${key}=${value}`;
  // Single quotes are literal to shells and dotenv readers alike; a value that holds one goes into double quotes.
  if (!value.includes("'")) return `${key}='${value}'`;
  return `${key}="${value.replaceAll(/[\\"$`]/g, String.raw`\$&`)}"`;
}
