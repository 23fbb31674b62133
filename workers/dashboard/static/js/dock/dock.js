// /dock: faders, recording and clips, in a dock of OBS.
import { announcements } from "../live/announcements.js";
import { banners } from "../dashboard/banners.js";
import { livePage } from "../live/live-page.js";
import { Requests } from "../dashboard/requests.js";
import { talkersCard } from "../dashboard/talkers.js";
import { takeKey } from "../shared/key.js";
import { recordButton } from "./record.js";

const at = (id) => document.getElementById(id);
const requests = new Requests(at("toasts"));
const page = livePage(at("main"), banners(at("banners"), requests), requests);
const talkers = talkersCard(at("talkers"), requests);
const cards = [announcements(at("announcements")), talkers, recordButton(at("record"), requests)];
page.run(takeKey(), { cards, metered: [talkers] });
