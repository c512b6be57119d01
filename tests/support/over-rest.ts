/** The file of an environment behind a gateway, as it would be without one. */
export function overRest(text: string): string {
  return text
    .replace("access: gateway", "access: rest")
    .replaceAll("consistency: strong", "consistency: eventual")
    .replaceAll(/^ {4}(?:workersSubdomain|hostname|zoneId): .*\n/gm, "");
}
