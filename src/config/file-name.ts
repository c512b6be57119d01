const FILE_NAME = /^Pulumi\.([a-z0-9-]+)\.yaml$/;

/** The name of the file of an environment, as Pulumi looks for it. */
export function environmentFileName(environment: string): string {
  return `Pulumi.${environment}.yaml`;
}

/** The environment that a file is of, by its name; `undefined` where it is another file. */
export function environmentOfFile(name: string): string | undefined {
  return FILE_NAME.exec(name)?.[1];
}
