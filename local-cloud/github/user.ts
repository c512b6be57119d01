/** Who wrote something, as GitHub shows it: https://docs.github.com/en/rest/users/users */
export interface GithubUser {
  readonly login: string;
  readonly type: "Bot" | "User";
  readonly [property: string]: unknown;
}

/** Addresses below the one of the user. */
const PLACES = [
  "events",
  "followers",
  "following",
  "gists",
  "organizations",
  "received_events",
  "repos",
  "starred",
  "subscriptions",
];

export function userNamed(id: number, login: string, type: GithubUser["type"]): GithubUser {
  const url = `https://api.github.com/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: String(id),
    type,
    site_admin: false,
    gravatar_id: "",
    avatar_url: `https://avatars.githubusercontent.com/u/${String(id)}`,
    html_url: `https://github.com/${encodeURIComponent(login)}`,
    url,
    ...Object.fromEntries(PLACES.map((place) => [`${place}_url`, `${url}/${place}`])),
  };
}
