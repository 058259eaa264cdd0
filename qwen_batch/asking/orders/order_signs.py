"""How passages are worded that are written to the model that reads a document: what `injected_orders` looks for.

English first, then the imperatives of eight more languages. Each pattern wants two things at once, such as "ignore" and
what is to be ignored, for contracts, forms and manuals use every single one of these words.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Sign(NamedTuple):
    """How such a passage is worded; of the words that it `needs`, folded, one is part of all that matches."""

    needs: tuple[str, ...]
    pattern: re.Pattern[str]


_FLAGS = re.IGNORECASE | re.MULTILINE


def _sign(needs: str, pattern: str) -> Sign:
    return Sign(tuple(needs.split()), re.compile(pattern, _FLAGS))


_BEGIN = r"(?:(?<=[.!?:;,\]\"”'’>()*#-])\s*|^[^\w\n]{0,8})"  # where an imperative begins
_COURTESY = r"(?:(?:please|now|kindly|instead|first|then|and|so|therefore|also|simply|just|immediately),?\s+){0,3}"
_GAP = r"[^.!?\n。！？]"
_THINGS = r"(?:instructions?|directions?|directives?|prompts?|rules|guidelines|commands?|system\s+message)"
_READ = r"(?:contract|document|text|file|agreement|page|content|report|letter|invoice)s?"
_AI = (
    r"(?:A\.?I\.?(?:\s+(?:assistant|model|system|reader|agent|tool|bot)s?)?|LLMs?|(?:large\s+)?language\s+models?|chat\s?bots?"
    r"|(?:chat)?gpt(?:-?\d\w*)?|(?:automated|automatic|machine|electronic|artificial)\s+(?:readers?|processors?|assistants?|parsers?"
    r"|intelligence|reviewers?|agents?|summari[sz]ers?))"
)
_AI_NEEDS = "ai a.i llm language chat gpt automat machine electronic artificial"
_YOU = rf"(?:{_AI}|(?:an?\s+|the\s+)?(?:digital\s+|virtual\s+|helpful\s+)?(?:assistant|extractor|extraction\s+model))"
_TASK = r"(?:read|process|analy[sz]|summari[sz]|pars|extract|review|index|scann|classif)(?:e|es|ing|s)"
_DO = (
    r"(?:answer|respond|reply|output|return|write|report|state|say|print|repeat|leave|fill|set|record|put|extract|enter"
    r"|conclude|use|give|treat|list|ignore|disregard|must|should|summari[sz]e|conform|mention|include)"
)
_ROLE = r"(?:system|admin(?:istrator)?|developer|root|assistant|user|human|operator)"
_ORDER_WORDS = (
    rf"(?:instruction|ignore|disregard|override|forget|you\s+(?:are|must|will|should|have|answer|now)|{_THINGS}"
    r"|finished\s+reading|as\s+json|(?:correct|right|only|final)\s+(?:value|answer))"
)
SIGNS = (
    # ignore what you were told, or what you read
    _sign(
        "ignore disregard forget follow attention abandon",
        rf"{_BEGIN}{_COURTESY}(?:you\s+(?:must|should|will|are\s+to)\s+)?"
        rf"(?:ignore|disregard|forget|do\s+not\s+follow|don['’]t\s+follow|stop\s+following|pay\s+no\s+attention\s+to|abandon)"
        rf"\b(?:(?!\b(?:if|unless|when)\b){_GAP}){{0,40}}?\b"
        rf"(?:{_THINGS}|(?:the|this|that|your)\s+{_READ}|(?:the|everything|all|anything|what\s+\w+(?:\s+\w+)?)\s+(?:text\s+)?"
        rf"(?:above|below|before|preceding|foregoing|so\s+far|else)|everything)\b(?!\s+(?:\w+\s+)?(?:if|unless|when|where|in\s+case)\b)",
    ),
    _sign(
        "override overrule bypass discard skip",
        rf"{_BEGIN}{_COURTESY}(?:override|overrule|bypass|discard|skip)\s+(?:all|any|every|the|your|previous|prior|earlier)\b"
        rf"{_GAP}{{0,30}}?\b{_THINGS}\b",
    ),
    # to whom it is said
    _sign(
        _AI_NEEDS,
        rf"\b(?:note|message|attention|instructions?|notice|memo|reminder|dear|hello|hi|hey|for|to)\b:?"
        r"[ \t]+(?:\w+[ \t]+){0,3}?"
        rf"{_AI}\b(?!\s+(?:companies|company|developers?|providers?|services?|products?|Act|users?|vendors?|team))"
        rf"{_GAP}{{0,40}}?(?:{_TASK}|:){_GAP}{{0,160}}",
    ),
    _sign(
        f"{_AI_NEEDS} assistant extract",
        rf"\b(?:if|when|since|because|as)\s+(?:you(?:['’]re|\s+are)\s+)?(?:an?\s+|the\s+)?{_YOU}\b,?\s*"
        rf"{_GAP}{{0,60}}?\b(?:you\s+)?{_DO}\b",
    ),
    _sign(
        "you", rf"\byou\s+are\s+(?:now\s+|no\s+longer\s+|actually\s+){_GAP}{{0,60}}?(?:{_YOU}|mode|persona|character)\b"
    ),
    _sign(
        _AI_NEEDS, rf"\b{_AI}\b{_GAP}{{0,40}}?\b{_TASK}\b\s+(?:of\s+)?(?:this|the)\s+{_READ}{_GAP}{{0,40}}?\b{_DO}\b"
    ),
    _sign(
        "reader processor parser reviewer summari",
        r"\b(?:automated|automatic|machine|AI|electronic)\s+(?:readers?|processors?|parsers?|reviewers?|summari[sz]ers?)\s+"
        r"(?:must|should|are\s+to|have\s+to|need\s+to|will)\b",
    ),
    _sign(
        "summar extract answer output",
        r"\b(?:any|every|all)\s+(?:summar(?:y|ies)|extractions?|extracted\s+data|answers?|outputs?)\s+(?:\w+\s+)?"
        rf"(?:of|from|about)\s+this\s+{_READ}\s+(?:must|should|shall|ought|have\s+to|are\s+to|is\s+to)\b",
    ),
    _sign(
        "system hidden secret original",
        r"\b(?:reveal|print|show|output|repeat|disclose|leak)\b\s+(?:\w+\s+){0,2}?(?:your|the)\s+(?:system|hidden|secret|original)\s+"
        rf"{_THINGS}",
    ),
    _sign(
        "you", r"\b(?:pretend|imagine|act\s+as\s+if|behave\s+as\s+though)\s+(?:that\s+)?you(?:['’]re|\s+are|\s+were)\b"
    ),
    _sign(
        "<!--",
        r"<!--(?:(?!-->)[^\n]){0,40}\b(?:AI|LLM|assistant|model|chatbot)s?\b(?:(?!-->)[^\n]){0,300}-->|<!--[^\n]{0,20}(?:给|致)\s?AI[^\n]{0,200}-->",
    ),
    _sign(
        "prompt instruction 系统提示词 システムプロンプト",
        r"\b(?:your|the)\s+(?:(?:complete|full|hidden|initial|secret|original|entire)\s+)*(?:system\s+prompt|hidden\s+instructions"
        r"|initial\s+instructions)\b|\bauthor\s+of\s+your\s+prompt\b|(?:你|您|输出|打印|显示)[^。\n]{0,8}系统提示词|(?:あなたの|出力)[^。\n]{0,8}システムプロンプト|\bpreviously\s+given\s+prompt\b",
    ),
    _sign(
        "dear hello hi hey liebe chèr cher car querid estimad дорог уважаем 亲爱 尊敬",
        r"\b(?:dear|hello|hi|hey|liebe[rs]?|ch[eè]re?|car[oa]|querid[oa]|estimad[oa]|дорог\w+|уважаем\w+|亲爱的?|尊敬的)[\s,]{0,3}"
        rf"(?:there\b,?\s+)?(?:helpful\s+)?(?:{_AI}|KI|IA|intelig\w+\s+artificial|intelligen\w+\s+artifici\w+|ИИ|大?语言模型|人工智能)"
        r"\b(?!\s+(?:team|department|colleagues|community))[^\n]{0,200}",
    ),
    _sign(
        "you conversation question",
        r"\b(?:visible\s+to\s+you|in\s+your\s+context|(?:top|beginning|end|start)\s+of\s+your\s+(?:response|answer|output|reply)"
        r"|found\s+in\s+this\s+conversation|the\s+question\s+(?:you\s+were\s+asked|has\s+changed)|format\s+you\s+were\s+asked"
        r"|(?:from|in)\s+your\s+summary|now\s+that\s+you\s+have\s+(?:finished\s+reading|read))\b",
    ),
    _sign(
        "asked value answer output",
        rf"\bwhen\s+asked\s+(?:for|about)\b{_GAP}{{0,80}}?\b(?:answer|say|reply|respond|give|state)\b"
        rf"|\bthe\s+(?:correct|right)\s+(?:value|answer)\s+(?:for|of|to)\b{_GAP}{{0,60}}?\bis\b"
        r"|^\W{0,4}expected\s+(?:model\s+|llm\s+|ai\s+)?(?:output|answer)\s*:[^\n]{0,300}",
    ),
    # what to answer
    _sign(
        "json null field value key",
        rf"{_BEGIN}{_COURTESY}(?:answer|respond|reply|output|return|write|fill|set|leave|put|enter)\b{_GAP}{{0,80}}?\b"
        r"(?:as\s+(?:valid\s+)?json|null\s+(?:for|in|everywhere)|value\s+null|(?:every|each|all)(?:\s+of\s+the)?\s+(?:other\s+)?"
        r"(?:fields?|values?|keys?)|(?:in|into)\s+the\s+(?:field|key)\b)",
    ),
    _sign(
        "json extracting summari", r"\bjson\b[^\n]{0,200}?\banswer\s+again\b|\bstop\s+(?:extracting|summari[sz]ing)\b"
    ),
    # forged turns of a chat
    _sign(
        "system admin developer root assistant user human operator",
        rf"^[^\w\n]{{0,6}}{_ROLE}(?:\s+(?:prompt|message|override|note|notice|update|instruction)s?)?\s*[:>\]]{_GAP}{{0,80}}?"
        rf"\b{_ORDER_WORDS}",
    ),
    _sign(
        "instruction prompt task",
        r"^[^\w\n]{0,6}(?:new|updated|revised|additional|end\s+of)\s+(?:system\s+)?(?:instructions?|prompts?|task)\b\s*[:\]*#-]",
    ),
    _sign(
        "user human",
        r"\b(?:assistant|ai|bot|model)\s*:[^\n]{1,300}?\b(?:user|human)\s*:|\b(?:user|human)\s*:[^\n]{1,300}?\b"
        r"(?:assistant|ai|bot|model)\s*:",
    ),
    _sign(
        "system admin sistema систем système 系统",
        r"^[\[#=*>\s【-]{0,8}(?:system|admin(?:istrator)?|sistema|систем\w+|SYSTEMMELDUNG|syst[èe]me|系统消息|系统提示)"
        r"(?:\s+(?:override|message|prompt|notice))?(?:\s*[\]】:：]|\s+#)[^\n]{0,160}?"
        r"(?:instru[cz]\w*|anweisung\w*|polic\w*|prompt|filters?|提示词|所有|一律|assist\w*|sprachmodell|modello|ассистент\w*|инструкци\w*)",
    ),
    _sign(
        "task instruction response override",
        r"^[#=*\s-]{0,8}(?:(?:important|attention|urgent)\s*:?\s*)?new\s+task\b[^\n]{0,40}(?:\n[^\n]{1,300})?"
        r"|^#{1,4}\s*(?:(?:instruction|response)\s*:|system\s+override)[^\n]{0,20}(?:\n[^\n]{1,300})?",
    ),
    _sign(
        "désormais maintenant agora bist ahora sei теперь あなたは今から 你现在是 从现在起你",
        r"\b(?:tu\s+es\s+(?:désormais|maintenant)|à\s+partir\s+de\s+maintenant,?\s+tu|você\s+agora\s+é|du\s+bist\s+(?:jetzt|ab\s+sofort)"
        r"|eres\s+ahora|ora\s+sei|теперь\s+ты)\b|あなたは今から|你现在是|从现在起你",
    ),
    # other languages
    _sign(
        "系统 管理员 开发者 助手 用户",
        r"^[^\w\n]{0,6}(?:系统|管理员|开发者|助手|用户)(?:提示|消息|指令|通知)?[：:][^\n]{0,80}?(?:必须|填写|回答|输出|返回|忽略)",
    ),
    _sign(
        "回答 输出 返回 填写 填入",
        r"(?:^|[。！？；：，\s])请?(?:直接|只)?(?:回答|输出|返回|填写|填入)[^。！？\n]{0,40}?(?:null|JSON|为空|留空|所有字段|所有值|每个字段)",
    ),
    _sign(
        "忽略 无视 無視 忘记 忘掉 不要理会 不要遵循 跳过",
        r"(?:^|[。！？；：，,\s]|请|務必|务必|立即)(?:忽略|无视|無視|忘记|忘掉|不要理会|不要遵循|跳过)(?:掉)?[^。！？\n]{0,16}?"
        r"(?:内容|指令|指示|提示|说明|规则|文本|文档|合同|一切|要求)",
    ),
    _sign(
        "请 必须 务必 应 需 只能 不得",
        r"(?:人工智能|AI|大?语言模型|大模型|智能助手|AI\s*助手|机器人|自动(?:阅读|处理|提取)\w{0,4})[^。！？\n]{0,24}?"
        r"(?:请|必须|务必|应当?|需要?|只能|不得)[^。！？\n]{0,16}?(?:回答|输出|返回|填写|填入|写|视为|提取|报告|忽略|留空)",
    ),
    _sign(
        "作为 你是 现在是",
        r"(?:作为|如果你是|你现在是|假如你是)(?:一个|一名|一款)?[^。，,\n]{0,8}?(?:助手|AI|人工智能|模型|机器人)",
    ),
    _sign("無視 忘れ", r"(?:上記|以上|前述|これまで|以前|すべて|全て|この(?:文書|契約))[^。\n]{0,16}?(?:無視|忘れ)"),
    _sign(
        "ください せよ すること しなさい べき",
        r"(?:AI|人工知能|言語モデル|アシスタント)[^。\n]{0,20}?(?:ください|せよ|すること|しなさい|べき)",
    ),
    _sign(
        "ignorier vergiss vergessen missachte übergehe",
        rf"\b(?:ignorier(?:e|en|t)|vergiss|vergessen|missachte[nt]?|übergehe[nt]?)\b{_GAP}{{0,50}}?"
        r"(?:anweisung|anleitung|vorgabe|instruktion|regeln|obige|vorherige|bisherige|alles|dokument|vertrag|text)\w*",
    ),
    _sign(
        "ignore oublie compte",
        rf"\b(?:ignore[zr]?|oublie[zr]?|ne\s+(?:tiens|tenez)\s+pas\s+compte)\b{_GAP}{{0,50}}?"
        r"(?:instructions?|consignes?|ce\s+qui\s+précède|précédent\w*|texte|document|contrat|règles)",
    ),
    _sign(
        "ignor olvid caso",
        rf"\b(?:ignor(?:a|e|en|ad)|olvid(?:a|e|en|ad)|(?:haz|haga)\s+caso\s+omiso)\b{_GAP}{{0,50}}?"
        r"(?:instruccion\w*|lo\s+anterior|anteriores|texto|documento|contrato|reglas)",
    ),
    _sign(
        "ignor dimentic",
        rf"\b(?:ignor(?:a|ate|i)|dimentic(?:a|ate|hi))\b{_GAP}{{0,50}}?"
        r"(?:istruzion\w*|quanto\s+sopra|precedent\w*|testo|documento|contratto|regole)",
    ),
    _sign(
        "ignor esque desconsider",
        rf"\b(?:ignor(?:e|a|em)|esque[çc]a|desconsider(?:e|a))\b{_GAP}{{0,50}}?"
        r"(?:instru[çc](?:ão|ões|ao|oes)|acima|anterior\w*|texto|documento|contrato|regras)",
    ),
    _sign(
        "игнорируй забудь обращай",
        rf"\b(?:игнорируй(?:те)?|забудь(?:те)?|не\s+обращай(?:те)?\s+внимания)\b{_GAP}{{0,50}}?"
        r"(?:инструкци\w*|указани\w*|выше\w*|предыдущ\w*|текст\w*|документ\w*|договор\w*|правил\w*)",
    ),
    _sign(
        "antworte muss müssen doit doivent réponde debe responda deve rispond должн отвечай",
        rf"\b(?:KI|IA|ИИ)\b{_GAP}{{0,50}}?\b(?:antworte\w*|muss|müssen|doit|doivent|réponde\w*|debe\w*|responda\w*|deve\w*|rispond\w*"
        r"|должн\w*|отвечай\w*)\b",
    ),
)
"""One of the words that a sign needs stands in all that it finds, so that in most texts most are not looked for."""
_MACHINE = re.compile(
    rf"\b(?:{_AI}|(?:the|an?|dear|helpful|,)\s+assistant|assistant\s*[,:]|automated\s+agent|extraction\s+engine|neural\s+network"
    r"|KI|Sprachmodell\w*|IA|mod[èe]les?\s+de\s+langage|modelos?\s+de\s+(?:lenguaje|linguagem)|intelig[êe]ncia\s+artificial"
    r"|intelligen(?:za|ce)\s+artificia?l?l?e|il\s+modello|asistente|assistente|l['’]assistant|ИИ|ассистент\w*|нейросет\w*"
    r"|языков\w+\s+модел\w+)\b|语言模型|大模型|助手|人工智能|(?<![A-Za-z])AI(?![A-Za-z])|言語モデル|アシスタント|人工知能",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?:you|your|must|should|ought|please|dear|are\s+to|is\s+to|when\s+(?:summari|asked|process|read)\w*|muss|müssen|bitte|liebe[rs]?"
    r"|deiner?|gibt?|soll|tu|vous|tes|doit|doivent|eres|debe|debes|indica|omite|você|cara|caro|deve|devi|devono|следует|должн\w*|вы|ты"
    r"|gentileza)\b|请|麻烦|必须|务必|亲爱|勿|您|ください|なさい|いただけ|こと。",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\b(?:answers?|respon(?:d|se)|repl(?:y|ies)|output|return|summar\w+|say|said|give|state|report|mark|tell|omit|list|recommend\w*"
    r"|mention|conclude|antwort\w*|zusammenfass\w*|gibt?|bewerte\w*|répon\w*|résum\w*|affich\w*|respond\w*|respuesta|indi[cq]\w*"
    r"|resum\w*|classifi\w*|rispo\w*|riport\w*|отвеча\w*|ответ\w*|изложени\w*|указ\w*)\b|回答|总结|输出|返回|填写|列为|提及|答え|記載|要約",
    re.IGNORECASE,
)
_MATTER = re.compile(
    r"\b(?:this\s+(?:file|document|text|page|paper|manuscript|report|sheet|contract|agreement|proposal)|summar\w+|fields?|values?|null|keys"
    r"|your\s+(?:user|operator|prompt|answer|instructions)|right\s+answer|law|date|period|term|feld|champ|campo|campos|valor|valore"
    r"|zusammenfass\w*|ley|legge|documento?|vertrag)\b|[^\x00-\u02ff]",
    re.IGNORECASE,
)
CUES = (_MACHINE, _ADDRESS, _ANSWER, _MATTER)
"""A sentence with one of each speaks to a model of what it is to say; contracts about such models rarely do."""
DICTATES = re.compile(
    r"\b(?:must|should|set|write|output|answer|respond|return|fill|instead|no\s+other)\b|必须|填写|填入|输出|回答",
    re.IGNORECASE,
)
FENCE = re.compile(
    r"<\s{0,4}(?P<closes>/)?\s{0,4}(?P<document>document)\b[^>\n]{0,40}>|"
    r"<\s{0,4}[|｜]\s{0,4}\w{2,20}\s{0,4}[|｜]\s{0,4}>|\[\s{0,4}/?\s{0,4}INST\s{0,4}\]|<<\s{0,4}/?\s{0,4}SYS\s{0,4}>>",
    re.IGNORECASE,
)
FOLLOWS = re.compile(
    rf"\s*{_COURTESY}(?:{_DO}|do\s+not|don['’]t|never|only|you|the\s+(?:correct|right|only)|no\s+other|this\s+(?:overrides|is\s+an?\s+order))\b"
    r"|\s*(?:your\s+(?:only|new|real|task|job|answer)|from\s+now|end\s+of\s+(?:policy|message|instruction)|nothing\s+else)\b"
    r"|\s*(?:请|麻烦|只|不要|必须|直接|并|所有字段)",
    re.IGNORECASE,
)
