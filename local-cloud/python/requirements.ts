/** The requirements in a file of pip, one each, without comments. Options (`-r other.txt`) are left as they are. */
export function requirementsIn(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}
