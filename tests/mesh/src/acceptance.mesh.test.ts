import { acceptanceStory } from "./acceptance/story.ts";
import { meshFixture } from "./http/mesh-fixture.ts";

acceptanceStory(meshFixture());
