/** The three classes of the sample: few and different enough that a small detector learns them in seconds. Their emoji are code points of @twemoji/svg. */
export const categories = [
  {
    id: 1,
    name: "person",
    supercategory: "person",
    emoji: ["1f468", "1f469", "1f475", "1f46e", "1f385"],
  },
  {
    id: 2,
    name: "food",
    supercategory: "food",
    emoji: ["1f34e", "1f34c", "1f355", "1f966", "1f369"],
  },
  {
    id: 3,
    name: "animal",
    supercategory: "animal",
    emoji: ["1f42f", "1f437", "1f43c", "1f418", "1f42e"],
  },
] as const;

export const attribution = `The pictures of this sample are composed from Twemoji graphics (npm package @twemoji/svg),
copyright Twitter, Inc and other contributors, licensed under CC-BY 4.0: https://creativecommons.org/licenses/by/4.0/
They were scaled, turned, mirrored and placed on generated backgrounds.
`;
