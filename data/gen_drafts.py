"""Write the samples of the jobs that draft: ``python data/gen_drafts.py``.

A draft of a post, a brief for a short video and a specification of a small
module, each in English and Chinese. Needs nothing but Python; a rerun gives
the same bytes.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "samples" / "drafts"
TEXTS = {
    "post_en.txt": """
We are really very happy that we can finally tell all of you that the new Lumo desk lamp is now in our shop at Harbour
Street for only 49 euro with the Early Bird offer, and that is 20% less than before until 12 May, so please do not
hesitate and come by as soon as you possibly can 🎉🔥✨💡
""",
    "post_zh.txt": """
家人们大家好，等了这么久这么久，今天小编终于可以非常激动地告诉大家：会员日活动期间全新Lumo台灯在南湖店原价199元现在只要129元，
活动截止到5月12日，前50名下单的朋友还有小礼物，错过了真的会后悔很久的，大家一定要抓紧时间来看一看哦！🎉🔥✨💡
""",
    "brief_en.md": """
# Brief: a video of 30 seconds for the Lumo desk lamp

Audience: people who read and work at night at home.

- The lamp has 3 levels of light and turns itself off after 60 minutes.
- It costs 49 euro and is in the shop at Harbour Street from 12 May.
- Tone: calm and friendly, no shouting.
- Last picture: the lamp, the price and the shop.
""",
    "brief_zh.md": """
# 需求：Lumo台灯30秒短视频

受众：晚上在家看书、工作的人。

- 台灯有3档亮度，60分钟后自动关灯。
- 售价129元，5月12日起在南湖店发售。
- 语气：平静、亲切，不要喊叫。
- 最后一个画面：台灯、价格和店名。
""",
    "spec_en.md": """
# Specification: opening hours

A function `is_open(weekday: int, minute: int) -> bool` says whether the shop is open.

- `weekday` is 0 for Monday to 6 for Sunday, `minute` counts from midnight.
- Monday to Friday the shop is open from 9:00 to 18:30, on Saturday from 10:00 to 16:00, on Sunday it is closed.
- A weekday or a minute that does not exist raises ValueError.
""",
    "spec_zh.md": """
# 规格说明：运费计算

函数 `shipping_fee(weight_kg: float, is_member: bool) -> int` 返回以元为单位的运费。

- 重量不超过1公斤收8元，每增加1公斤（不足1公斤按1公斤计）加收3元。
- 会员订单重量不超过5公斤免运费。
- 重量为零或负数时抛出 ValueError。
""",
}


def main() -> None:
    """Write the files and say so."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in TEXTS.items():
        (FOLDER / name).write_text(text.lstrip("\n"), encoding="utf-8")
        print(FOLDER / name)


if __name__ == "__main__":
    main()
