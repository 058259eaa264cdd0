"""CV: name and contact, employments with dates, education, skills and languages."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, Job, LooksFor, Quoted

Year = Annotated[str, Field(pattern="^[12][0-9]{3}$")]
Month = Annotated[str, Field(pattern="^[12][0-9]{3}(-(0[1-9]|1[0-2]))?$")]


class Line(Quoted):
    """A line of the head of a CV."""

    value: str = Field(max_length=80, description="as printed, without its label")


class Employment(Quoted):
    """A post at an employer; a new post at the same one is another."""

    employer: str = Field(max_length=80, description="company or institution")
    title: str | None = Field(max_length=80, description="post held there")
    start: Month | None = Field(description="first month, YYYY-MM, or the year")
    end: Month | None = Field(description="last month, YYYY-MM, or the year; null if it goes on")


class Study(Quoted):
    """A degree, a certificate or training."""

    school: str | None = Field(max_length=80, description="school or university")
    degree: str = Field(max_length=80, description="degree with its subject")
    year: Year | None = Field(description="when it was completed, YYYY")


class Skill(Quoted):
    """Something that the person can do."""

    quote: Annotated[str, Field(max_length=60, description="the exact words of the document")]
    name: str = Field(max_length=40, description="one skill alone")


class Language(Quoted):
    """A language that the person speaks."""

    quote: Annotated[str, Field(max_length=60, description="the exact words of the document")]
    name: str = Field(max_length=30, description="language alone")
    level: str | None = Field(max_length=40, description="how well, as printed")


class ResumeProfile(BaseModel):
    """The profile of one person."""

    name: Annotated[Line | None, MUST_BE_GROUNDED, LooksFor("curriculum vitae of", "resume name", "姓名 简历")] = Field(
        description="of the person whose CV this is"
    )
    email: Annotated[Line | None, MUST_BE_GROUNDED, LooksFor("e-mail address", "邮箱 邮件")] = Field(
        description="the person's own, not a referee's"
    )
    phone: Annotated[Line | None, MUST_BE_GROUNDED, LooksFor("telephone", "mobile", "phone", "电话 手机")] = Field(
        description="number alone"
    )
    location: Annotated[Line | None, MUST_BE_GROUNDED, LooksFor("address", "lives in", "现居 地址 城市")] = Field(
        description="address, or town and country, where the person lives"
    )
    employments: Annotated[
        list[Employment],
        MUST_BE_GROUNDED,
        LooksFor("work experience", "employment history", "internships", "工作经历 任职 公司"),
    ] = Field(max_length=15, description="every post, the latest first")
    education: Annotated[
        list[Study],
        MUST_BE_GROUNDED,
        LooksFor("education", "degree university", "bachelor master", "教育经历 毕业 学历"),
    ] = Field(max_length=8, description="every degree or certificate")
    skills: Annotated[
        list[Skill], MUST_BE_GROUNDED, LooksFor("skills", "knowledge of", "proficient in", "技能 擅长 熟悉")
    ] = Field(max_length=20, description="what the list of skills names, without languages that are spoken")
    languages: Annotated[
        list[Language], MUST_BE_GROUNDED, LooksFor("languages", "native fluent", "mother tongue", "语言 英语 普通话")
    ] = Field(max_length=8, description="languages that are spoken")


JOB = Job(
    name="resume_profile",
    schema=ResumeProfile,
    instruction="Extract the profile of this person.",
    sampling=EXTRACTION,
    max_output_tokens=4600,
    fits="a CV or a résumé of one person",
)
