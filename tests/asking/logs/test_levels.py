from __future__ import annotations

import pytest

from qwen_batch.asking.logs.levels import Level, component_of, level_of


@pytest.mark.parametrize(
    ("line", "level", "component"),
    [
        (" WARN  [orders] full", "warning", "orders"),
        (" host sshd[12]: Failed password", "warning", "sshd"),
        (" ERROR orders - no pool", "error", "orders"),
        (" [error] 12#0: upstream timed out", "error", ""),
        (" INFO deploy: 0 errors found", "info", "deploy"),
        (" FATAL: out of disk", "critical", ""),
        (' {"level":"error","component":"db","msg":"x"}', "error", "db"),
        (' 10.0.0.1 - - [] "GET / HTTP/1.1" 503 12', "error", ""),
        (" 错误 数据库 - 写入失败", "error", "数据库"),
        (" 数据库 - 用户信息写入失败", "warning", "数据库"),
        (" 【支付】[警告] 响应变慢", "warning", "支付"),
        (" nothing of note", "info", ""),
    ],
)
def test_level_and_component_come_from_the_words_of_a_line(line: str, level: Level, component: str) -> None:
    assert (level_of(line), component_of(line)) == (level, component)
