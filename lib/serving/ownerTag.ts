/** Tag by which a stack knows the deployments that it made; those of people beside them are not touched. */
export const ownerTag = "objectdetection:stack";
