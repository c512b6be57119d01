/** The name in the program out of a URN: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns */
export function nameOfUrn(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}
