"""Words of whoever speaks to a reader that answers, in nine languages: a reader, its output, imperatives, overrides.

Each alone stands in every contract; `suspects` wants several kinds of them close together. Stems, matched at the
beginning of a word; of Chinese anywhere.
"""

from __future__ import annotations

import re

from qwen_batch.cjk import CJK

_IS_CJK = re.compile(f"[{CJK}]")


def _words(*groups: str) -> re.Pattern[str]:
    """A pattern of stems, each with blanks in it as `_`; one that ends with a full stop is a whole word."""
    stems = [stem.replace("_", " ") for group in groups for stem in group.split()]
    cjk = [stem for stem in stems if _IS_CJK.search(stem)]
    letters = [
        re.escape(stem[:-1]) + r"\b" if stem.endswith(".") else re.escape(stem) for stem in set(stems) - set(cjk)
    ]
    return re.compile(rf"\b(?:{'|'.join(sorted(letters))})|{'|'.join(map(re.escape, sorted(cjk)))}", re.IGNORECASE)


READER = _words(
    "reader language_model language_tool AI. A.I. LLM GPT assistant. chatbot bot. bots. parser crawler scraper",
    "indexer",
    "extractor summarizer summariser annotator grader software_that machine-made machine-readable_summar",
    "by_a_machine",
    "by_machine automated_ automatic_reader data_capture data_entry pipeline. whoever_ anyone_who_extract",
    "system_notice",
    "system_message system_prompt neural",
    "Sprachmodell KI. KI- Leser maschinell auslies auslesen Auswertungsdienst auswert Auswertung Erfassung",
    "Datenerfassung",
    "Systemhinweis Systemmeldung Musterlösung Werkzeuge_die Zusammenfassungsprogramm automatische",
    "lecteur logiciel modèle_de_langage IA. celui_qui_extrait résumé_automatique saisie. serveur corrigé.",
    "outils_d robot",
    "lector. modelo_de_lenguaje extractor con_una_máquina herramientas_que programas_que quien_lea",
    "quien_extraiga robot",
    "resumen_automático sistema_de_extracción",
    "lettore modello_linguistico modello_di_linguaggio chi_estrae chi_legge programmi_che elaboratore",
    "inserisce_i_dati",
    "avviso_del_sistema",
    "leitor modelo_de_linguagem ferramentas_de digitador meios_informáticos aviso_do_servidor gabarito",
    "quem_resumir robô",
    "taalmodel lezer. lezers gegevensinvoer computer geautomatiseerd bericht_van_het_systeem uitleesprogramma",
    "读取 程序 软件 录入 语言模型 人工智能 计算机生成 后台 解析 参考答案 智能助手 机器人 系统提示",
    "البرنامج أدوات_الاستخراج حاسوب مدخل_البيانات من_النظام نموذج_لغوي الذكاء_الاصطناعي آلي القارئ",
)
OUTPUT = _words(
    "answer response output result. extract summary summaries overview abstract. field. fields json schema",
    "slot. form.",
    "data. value values empty blank null profile structured resubmit keyed rendering spreadsheet database",
    "dataset",
    "Antwort Ausgabe auszugeben Ergebnis Feld Felder Zusammenfassung Angabe Zielformat Format leer. Eintrag",
    "Tabelle",
    "réponse réponds répond sortie champ fiche rubrique résumé vide. vides données valeur tableau",
    "respuesta respond salida campo ficha resumen resúmenes plantilla dato datos vací valor tabla",
    "risposta rispond risultato scheda schede voce. bianco dato. dati. valore valori forma_strutturata tabella",
    "resposta respond resultado quadro. campo campos ficha dados. registro item itens branco saída",
    "antwoord uitvoer veld. velden overzicht gegeven samenvatting leeg. waarde",
    "答案 回答 输出 结果 字段 空值 摘要 概要 一项 一栏 填报 数据 项目 提取 汇总",
    "الإجابة أجب الناتج الحقول ملخص بيانات فارغة البند الخانة الجدول",
)
IMPERATIVE = _words(
    "you. your put. write give. enter. record. mention return. copy emit. treat state. list. take. say. says",
    "reply",
    "translate directed_to would_you please kindly thank play. pretend imagine is_to_be are_to_be supply.",
    "quote. report.",
    "du. trage trag_ schreib bitte erfassen übernimmt übernehmen spielst Ihrer Ihrem Sie_in wiederzugeben",
    "auszugeben",
    "geben_als anzusetzen nenne Dank",
    "indique écri vous. vos. tu. recopi remplacez rendez imagine prié merci répondez rends citer note.",
    "escrib ponga pusiera vuelva traduzca anot haz_ su_salida agradecer citarán omitirán figura_en devuelve",
    "indique",
    "scriv riport restitu trascriv indicar interpreti dici. rendere lascino grazie gentil va_letta indichi",
    "coloque devolva copiar escrev finja corrija verta anotar agradec apresentar dirá responda indique",
    "vul. neem. laat_ doe_alsof noem vertaal overnemen schrijf vriendelijk vermelden over_te_nemen uw.",
    "请 写 填 照抄 返回 给出 扮演 译作 改录 均称 应为 注意 不要 烦请 一律",
    "اكتب أعد ينسخ تخيل أجب تُترجم نرجو يكتب تعرض يذكر نقله سجل",
)
OVERRIDE = _words(
    "nothing_else no_other whatever irrespective instead in_lieu in_its_place void. replaces wrongly skip.",
    "ignore",
    "disregard unchanged discarded correct_answer the_only from_here_on from_now_on no_longer sole_ as_not",
    "regardless",
    "ausschließlich auch_wenn sonst_nichts verworfen falsch nur_diese stets nicht_beachten ab_sofort richtig",
    "immer",
    "rien_d'autre quoi_que exclusion erronée telle_quelle toujours seule_la bonne_réponse toute_autre ignore",
    "rechazad incorrect siempre equivocad omitirán cualquier_otra obligatoria ignore únicamente",
    "soltanto sempre sbagli senza_modifiche ignorando non_sono_più unicamente",
    "mesmo_que descartado ninguém exatamente em_qualquer_caso só_existe o_certo sempre ignore",
    "vervangen niets_anders letterlijk fout_gerekend sla_ klopte vervallen overal altijd negeer",
    "不要 一概 原样 均不 一律 应改 有误 统一 而不是 凡 忽略 只能",
    "ولا_تنظر دون_تغيير خاطئة كل_الأحوال لا_غير دائما سوى والصواب تجاهل",
)
ROLE = _words(
    "you_play pretend imagine_you you_are_no_longer you_are_now act_as_if_you",
    "du_spielst stell_dir_vor du_bist",
    "imagine_que_tu tu_es_un joue_le",
    "haz_como_si imagina_que eres_",
    "interpreti fai_finta immagina_di",
    "finja imagine_que você_é",
    "doe_alsof speel_",
    "扮演 假装 你现在是",
    "تخيل_أنك تظاهر",
)
KINDS = (READER, OUTPUT, IMPERATIVE, OVERRIDE)
