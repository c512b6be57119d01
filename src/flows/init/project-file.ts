/** The project file of a folder that has none: kvshift brings the program along, and finds its state through it. */
export const PROJECT_FILE_TEXT = `name: kvshift
description: Cloudflare KV for an application on Render, one stack an environment
# kvshift runs the program that it brings along; plain \`pulumi up\` needs a checkout of kvshift.
runtime: nodejs
# State on this machine: keep the folder out of git. A team sets a shared backend here or in PULUMI_BACKEND_URL.
backend:
  url: file://./state
`;
