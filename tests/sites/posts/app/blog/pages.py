"""The pages."""

from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request, session, url_for
from sqlalchemy import select

from blog.models import Post, database

pages = Blueprint("pages", __name__)


@pages.app_context_processor
def give_static():
    return {"static": current_app.config["STATIC"]}


@pages.get("/")
def show_home():
    posts = database.session.scalars(select(Post).order_by(Post.id)).all()
    return render_template("home.html", posts=posts, own=session.get("own", []), error=None)


@pages.get("/post/<int:number>")
def show_post(number: int):
    post = database.session.get(Post, number) or abort(404)
    return render_template("post.html", post=post)


@pages.get("/write")
def show_form():
    return render_template("write.html", error=None)


@pages.post("/write")
def add_post():
    title, body = request.form["title"].strip(), request.form["body"].strip()
    if not title:
        return render_template("write.html", error="A post needs a title"), 422
    post = Post(title=title, body=body)
    database.session.add(post)
    database.session.commit()
    session["own"] = [*session.get("own", []), title]
    return redirect(url_for("pages.show_post", number=post.id))


@pages.get("/version")
def tell_version():
    return jsonify(name="posts", revision=current_app.config["REVISION"])


@pages.get("/healthz")
def tell_health():
    return "ok", {"Content-Type": "text/plain"}
