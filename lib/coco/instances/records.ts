import { UserError } from "../../errors";
import { Keys, type JsonReader, type Scalar } from "../json/reader";
import { nowhere, type AnnotationFault } from "./annotations";
import { asId, type Id } from "./ids";
import type { ImageFacts } from "./images";
import type { Instances } from "./read";

/** A function that takes one image object. @throws UserError for an image without an id, or with that of another one */
export function imageReader(reader: JsonReader, { images }: Instances): () => void {
  const keys = new Keys(["id", "file_name", "width", "height"]);
  let id: Id | undefined;
  let facts: ImageFacts;
  const onMember = (key: number) => {
    const value = reader.readScalar();
    if (key === 0) id = asId(value);
    else if (key === 1) facts.fileName = typeof value === "string" && value !== "" ? value : undefined;
    else if (key === 2) facts.width = asExtent(value);
    else facts.height = asExtent(value);
  };
  return () => {
    const { offset } = reader;
    id = undefined;
    facts = { fileName: undefined, width: undefined, height: undefined };
    reader.readObject(keys, onMember);
    if (id === undefined) throw withoutId("image", offset);
    if (!images.add(id, facts)) throw twice("image", id, offset);
  };
}

/** A function that takes one annotation object. What is wrong with it is kept with it. */
export function annotationReader(reader: JsonReader, { images, categories, annotations }: Instances): () => void {
  const keys = new Keys(["id", "image_id", "category_id", "bbox", "iscrowd"]);
  // An import is a property that is looked up each time, which costs here.
  const [noPlace, toId] = [nowhere, asId];
  const box = new Float64Array(4);
  let id: Id | undefined;
  let image: number;
  let category: number;
  let hasBox: boolean;
  let crowd: Scalar;
  const onMember = (key: number) => {
    if (key === 3) {
      hasBox = reader.readNumbers(box) === 4;
      return;
    }
    const value = reader.readScalar();
    if (key === 4) {
      crowd = value === undefined ? Number.NaN : (value ?? 0);
      return;
    }
    const named = toId(value);
    if (key === 0) id = named;
    else if (key === 1) image = named === undefined ? noPlace : images.placeOf(named);
    else category = named === undefined ? noPlace : categories.placeOf(named);
  };
  return () => {
    id = undefined;
    image = category = noPlace;
    hasBox = false;
    crowd = 0;
    reader.readObject(keys, onMember);
    annotations.add(id, image, category, box, Number(crowd) === 1, faultOf(hasBox, crowd));
  };
}

/** A function that takes one category object. @throws UserError for one without id or name, or with the id of another one */
export function categoryReader(reader: JsonReader, { categories }: Instances): () => void {
  const keys = new Keys(["id", "name", "supercategory"]);
  let id: Id | undefined;
  let name: Scalar | undefined;
  let supercategory: Scalar | undefined;
  const onMember = (key: number) => {
    const value = reader.readScalar();
    if (key === 0) id = asId(value);
    else if (key === 1) name = value;
    else supercategory = value;
  };
  return () => {
    const { offset } = reader;
    id = name = supercategory = undefined;
    reader.readObject(keys, onMember);
    if (id === undefined) throw withoutId("category", offset);
    if (typeof name !== "string" || name === "") {
      throw new UserError(`category id ${shown(id)}, at byte ${offset}, has no name; give it one`);
    }
    const isNew = categories.add(id, {
      name,
      supercategory: typeof supercategory === "string" && supercategory !== "" ? supercategory : undefined,
    });
    if (!isNew) throw twice("category", id, offset);
  };
}

/** A side of an image in pixels. */
function asExtent(value: Scalar | undefined): number | undefined {
  return typeof value === "number" && value > 0 && Number.isFinite(value) ? value : undefined;
}

function faultOf(hasBox: boolean, crowd: Scalar): AnnotationFault | undefined {
  if (!hasBox) return "bbox is not four numbers";
  return crowd === 0 || crowd === 1 || typeof crowd === "boolean" ? undefined : "iscrowd is neither 0 nor 1";
}

function withoutId(what: string, offset: number): UserError {
  return new UserError(`the ${what} at byte ${offset} has no id; give it a number or a text that no other ${what} has`);
}

function twice(what: string, id: Id, offset: number): UserError {
  return new UserError(`${what} id ${shown(id)} stands a second time, at byte ${offset}; keep one of the two`);
}

function shown(id: Id): string {
  return typeof id === "string" ? JSON.stringify(id) : String(id);
}
